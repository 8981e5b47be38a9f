// Does one thing on purpose. The preconditions stand in the same statement as the deed: a pid is reused, a session moves on.
import { type Action, type ActionResult, AppError } from '../../model/index.ts'
import { quoteName } from './failure.ts'
import type { Ask } from './names.ts'
import { APPLICATION } from './open.ts'
import { STARTED_AT } from './sample.sql.ts'

/** $1 pid, $2 start, $3 native states. Signals the session only if it is still the one that was chosen. */
const statementOf = (signals: 'pg_terminate_backend' | 'pg_cancel_backend') => `/* spillway */
with session as materialized (
  select pid, state, backend_type, ${STARTED_AT} as started_at, application_name = '${APPLICATION}' as own
  from pg_stat_get_activity($1::int)
), chosen as materialized (
  select pid from session
  where backend_type = 'client backend' and not own and pid <> pg_backend_pid()
    and started_at = $2::text and state = any($3::text[])
)
select state, backend_type is null as hidden, backend_type = 'client backend' and not own as client,
  started_at = $2::text as same, (select ${signals}(pid) from chosen) as done
from session`

const SQL = {
  'end-session': statementOf('pg_terminate_backend'),
  'cancel-statement': statementOf('pg_cancel_backend'),
}

const DONE = { 'end-session': 'was ended', 'cancel-statement': 'was asked to cancel its statement' }

interface Outcome {
  state: string | null
  hidden: boolean
  client: boolean | null
  same: boolean | null
  done: boolean | null
}

/** Throws AppError `privilege-missing`. */
export const actOn = async (ask: Ask, { kind, session }: Action, role: string): Promise<ActionResult> => {
  const pid = Number(session.id)
  if (!Number.isInteger(pid) || session.startedAt === undefined) {
    return refused(`session ${session.id} is not identified by pid and start`)
  }
  let outcome: Outcome | undefined
  try {
    ;[outcome] = await ask<Outcome>(SQL[kind], [pid, session.startedAt, nativeStates(session.state)])
  } catch (error) {
    if ((error as { code?: unknown }).code === '42501') throw privilegeMissing(pid, role, error)
    throw error
  }
  if (outcome === undefined || outcome.same === false) {
    return { done: false, status: 'gone', message: `session ${pid} has ended by itself` }
  }
  if (outcome.hidden) throw privilegeMissing(pid, role, undefined)
  if (outcome.done === true) return { done: true, status: 'done', message: `session ${pid} ${DONE[kind]}` }
  if (outcome.client !== true) return refused(`session ${pid} is not a client's session`)
  return refused(`session ${pid} is ${outcome.state ?? 'in no known state'} now, not ${session.state}`)
}

const nativeStates = (state: string): string[] =>
  state === 'active' ? ['active', 'fastpath function call'] : [state]

const refused = (message: string): ActionResult => ({ done: false, status: 'refused', message })

const privilegeMissing = (pid: number, role: string, cause: unknown): AppError =>
  new AppError(
    'privilege-missing',
    `role ${role} may not end session ${pid}`,
    `GRANT pg_signal_backend TO ${quoteName(role)}; a superuser's session only a superuser can end`,
    cause,
  )
