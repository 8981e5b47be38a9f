// Does one thing on purpose. KILL takes no condition: the session is looked up in the same packet right before. What it moves
// on to in the microseconds between the two statements, nobody can rule out.
import { type Action, type ActionResult, AppError } from '../../model/index.ts'
import type { Facts } from './facts.ts'
import { quoteAccount } from './failure.ts'
import { sessionsSql } from './sample.sql.ts'
import { INTERNAL_USERS, isClient, type RawSession } from './sample.ts'
import { type Ask, errnoOf } from './wire.ts'

/** The server's start is known to the second, and its clock may be set. */
const SAME_START_MS = 2_000

/** `own` are ids of Spillway's sessions. Throws AppError `privilege-missing`. */
export const actOn = async (
  ask: Ask,
  { kind, session }: Action,
  facts: Facts,
  own: readonly string[],
): Promise<ActionResult> => {
  const { id, startedAt, state } = session
  if (!/^\d+$/.test(id) || startedAt === undefined) {
    return refused(`session ${id} is not identified by its id and the server's start`)
  }
  if (!(Math.abs(Date.parse(startedAt) - Date.parse(facts.startedAt)) <= SAME_START_MS)) {
    return gone(id, 'the server was restarted since')
  }
  if (own.includes(id)) return refused(`session ${id} is Spillway's own`)
  try {
    await ask(killSql(kind, id, state, facts))
    return { done: true, status: 'done', message: `session ${id} ${DONE[kind]}` }
  } catch (error) {
    const number = errnoOf(error)
    if (number === NO_SUCH_SESSION) return whyNot(ask, id, state, facts)
    if (NOT_ALLOWED.includes(number)) throw privilegeMissing(id, facts, error)
    throw error
  }
}

const DONE = { 'end-session': 'was ended', 'cancel-statement': 'was asked to cancel its statement' }

const NO_SUCH_SESSION = 1094
/** Not the owner, no such privilege, no right to call the procedure. */
const NOT_ALLOWED = [1095, 1227, 1370]

/** The id is null, and KILL finds no such session, where the session is not what was chosen. */
const killSql = (kind: Action['kind'], id: string, state: string, { flags }: Facts): string => {
  const chosen = [`id = ${id}`, ...CLIENT, `command ${state === 'active' ? '<>' : '='} 'Sleep'`]
  if (state === 'idle in transaction') {
    chosen.push(`exists (select 1 from information_schema.innodb_trx where trx_mysql_thread_id = ${id})`)
  }
  const kill = flags.rds
    ? `call mysql.${kind === 'end-session' ? 'rds_kill' : 'rds_kill_query'}(ifnull(@spillway_session, 0))`
    : `kill ${kind === 'end-session' ? 'connection' : 'query'} @spillway_session`
  return `/* spillway */ set @spillway_session = (select id from (${sessionsSql(flags)}) as one where ${chosen.join(' and ')});
/* spillway */ ${kill}`
}

const CLIENT = INTERNAL_USERS.map(name => `coalesce(user, '') <> '${name}'`)

const whyNot = async (ask: Ask, id: string, state: string, { flags }: Facts): Promise<ActionResult> => {
  const [[raw] = []] = await ask<RawSession>(
    `/* spillway */ select * from (${sessionsSql(flags)}) as one where id = ${id}`,
  )
  if (raw === undefined) return gone(id, 'it has ended by itself')
  return isClient(raw)
    ? refused(`session ${id} is not ${state} any more, its command is ${raw.command}`)
    : refused(`session ${id} is not a client's session`)
}

const refused = (message: string): ActionResult => ({ done: false, status: 'refused', message })

const gone = (id: string, why: string): ActionResult => ({
  done: false,
  status: 'gone',
  message: `session ${id} is gone: ${why}`,
})

const privilegeMissing = (id: string, { flags, target }: Facts, cause: unknown): AppError => {
  const privilege = flags.mariaDb ? 'CONNECTION ADMIN' : 'CONNECTION_ADMIN'
  const account = quoteAccount(target.user ?? '')
  return new AppError(
    'privilege-missing',
    `account ${account} may not end session ${id}`,
    `GRANT ${privilege} ON *.* TO ${account} (MySQL 5.7: SUPER)`,
    cause,
  )
}
