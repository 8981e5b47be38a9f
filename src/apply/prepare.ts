// The steps of a plan that are done by SQL, as operations: what stands there now decides what they take.
import {
  type Advice,
  AppError,
  CONNECTION_LIMIT,
  type Connection,
  type Plan,
  type SessionRef,
  type SqlOperation,
  type Step,
  type Whose,
} from '../model/index.ts'

/** What of a plan is to be done. */
export interface Chosen {
  /** For people. */
  title: string
  steps: Step[]
  /** What it promises; absent where nothing was predicted. */
  promised?: Advice['effect']
  /** What was asked for by hand. */
  settings?: Record<string, string>
}

/** `number` is the advice's, from 1; without it the first, or what was asked for by hand. Throws AppError. */
export function chooseFrom({ advice, whatIf, manual }: Plan, number?: number): Chosen {
  if (number === undefined && manual) {
    const { settings, steps } = manual
    return { title: titleOf(settings), steps, settings }
  }
  if (number === undefined && whatIf)
    return { title: titleOf(whatIf.settings), steps: whatIf.steps, ...promiseOf(whatIf) }
  const chosen = advice[(number ?? 1) - 1]
  if (!chosen)
    throw new AppError('plan-impossible', `the plan has no remedy ${number ?? 1}`, `It has ${advice.length}.`)
  const { title, steps = stepsOf(chosen) } = chosen
  if (steps.length === 0)
    throw new AppError(
      'plan-impossible',
      `${title}: Spillway cannot do this itself`,
      'Its commands stand in the plan.',
    )
  return { title, steps, ...promiseOf(chosen) }
}

/** Where the sessions of now keep what they have, that it relieves them is nothing to wait for. */
const promiseOf = ({
  effect,
  forNewSessions,
}: Pick<Advice, 'effect' | 'forNewSessions'>): Pick<Chosen, 'promised'> =>
  forNewSessions ? {} : { promised: effect }

const titleOf = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')

const stepsOf = ({ action }: Advice): Step[] =>
  action
    ? [
        {
          actuator: 'sql',
          what: action,
          before: action.session.state,
          after: null,
          reversible: false,
          outage: 'session',
          verify: ['engine', 'health-gate'],
        },
      ]
    : []

/** Throws AppError: `plan-impossible`, `setting-unknown`, `plan-stale`. */
export async function sqlOperations(
  steps: readonly Step[],
  connection: Pick<Connection, 'setting'>,
  signal?: AbortSignal,
): Promise<SqlOperation[]> {
  const operations: SqlOperation[] = []
  for (const step of steps) {
    const { what } = step
    if (what.kind === 'end-session' || what.kind === 'cancel-statement')
      operations.push(onSession(what.kind, what.session))
    else if (what.kind === 'setting')
      operations.push(await setting(step, what.name, undefined, connection, signal))
    else if (what.kind === 'role-setting')
      operations.push(await setting(step, what.name, { role: what.role }, connection, signal))
    else if (what.kind === 'role-limit')
      operations.push(await setting(step, CONNECTION_LIMIT, { role: what.role }, connection, signal))
    else if (what.kind === 'database-limit')
      operations.push(await setting(step, CONNECTION_LIMIT, { database: what.database }, connection, signal))
    else
      throw new AppError(
        'plan-impossible',
        `a step of kind ${what.kind} is not done by Spillway`,
        'Its commands stand in the plan.',
      )
  }
  return operations
}

const onSession = (kind: 'end-session' | 'cancel-statement', session: SessionRef): SqlOperation => {
  const ends = kind === 'end-session'
  return {
    by: 'sql',
    title: ends ? `end session ${session.id}` : `cancel the statement of session ${session.id}`,
    call: { kind, session },
    before: { [`session ${session.id}`]: session.state },
    after: { [`session ${session.id}`]: null },
    irreversible: ends
      ? 'a session that was ended does not come back; its transaction was rolled back'
      : 'a statement that was canceled has to be run again',
    outage: ends ? 'its client sees a lost connection' : 'its client sees an error',
  }
}

const ofWhom = (whose: Whose | undefined): string =>
  whose === undefined ? '' : 'role' in whose ? ` of role ${whose.role}` : ` of database ${whose.database}`

async function setting(
  { what, before, after }: Step,
  name: string,
  whose: Whose | undefined,
  connection: Pick<Connection, 'setting'>,
  signal: AbortSignal | undefined,
): Promise<SqlOperation> {
  const { value, kept, needsRestart, isSame } = await connection.setting(name, whose, signal)
  const now = needsRestart && kept !== null ? kept : value
  const planned = before === undefined ? now : before === null ? null : String(before)
  // A role that has no setting of its own has the server's.
  const isAsPlanned =
    isSame(planned, now) || (whose !== undefined && name !== CONNECTION_LIMIT && now === null)
  const to = after === null ? null : String(after)
  if (to === null && whose === undefined)
    throw new AppError(
      'plan-impossible',
      `${name}: what it is by default is not known before`,
      'Name the value.',
    )
  if (!isAsPlanned && !isSame(now, to))
    throw new AppError(
      'plan-stale',
      `${name} is ${now ?? 'not set'}, and the plan expects ${planned ?? 'not set'}`,
      'Somebody changed it since: make the plan anew.',
    )
  // A size of memory is planned without what it was, since the server counts it otherwise: it only ever grows.
  const isMemory = before === undefined && what.kind === 'setting' && what.unit === 'bytes'
  if (isMemory && Number(now) > Number(to))
    throw new AppError(
      'plan-stale',
      `${name} is ${now} already, and the plan would make it ${to}`,
      'Somebody changed it since: make the plan anew.',
    )
  return {
    by: 'sql',
    title: `${name}${ofWhom(whose)}: ${now ?? 'not set'} → ${to ?? 'default'}`,
    call: { kind: 'set', ...(whose === undefined ? {} : { whose }) },
    before: { [name]: now },
    after: { [name]: to },
    ...(needsRestart ? { waits: 'a restart of the server, which is yours to make' } : {}),
  }
}
