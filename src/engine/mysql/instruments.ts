// What the server does not instrument, or not any more, each with the command that switches it on. Never guessed: asked.
import type { Check } from '../../model/index.ts'
import type { Facts } from './facts.ts'
import { quoteAccount } from './failure.ts'
import { CONSUMERS } from './flags.ts'
import { plain } from './redact.ts'
import { type Ask, perhaps } from './wire.ts'

const CONSUMERS_OFF = `/* spillway */ select name as name from performance_schema.setup_consumers
  where enabled = 'NO' and name in (${CONSUMERS.map(name => `'${name}'`).join(', ')})`

const UNTIMED = `/* spillway */ select name as name from performance_schema.setup_instruments
  where name like 'statement/sql/%' and (enabled = 'NO' or timed = 'NO')`

/** Sessions that setup_actors leaves out. */
const LEFT_OUT = `/* spillway */ select distinct processlist_user as name from performance_schema.threads
  where type = 'FOREGROUND' and instrumented = 'NO' and processlist_id is not null and processlist_user is not null`

/** For want of memory that was set aside at the start. */
const LOST = `/* spillway */ show global status where variable_name in
  ('Performance_schema_thread_instances_lost', 'Performance_schema_users_lost', 'Performance_schema_digest_lost')
  and value > 0`

/** What to enlarge, by the counter of what got lost. */
const SIZES: Record<string, string> = {
  Performance_schema_thread_instances_lost: 'performance_schema_max_thread_instances',
  Performance_schema_users_lost: 'performance_schema_users_size',
  Performance_schema_digest_lost: 'performance_schema_digests_size',
}

const NEEDS_RESTART = 'in the configuration; -- needs a restart'
const SWITCH_ON = `performance_schema = ON ${NEEDS_RESTART}`

/** `isOn`: the performance schema is. */
export const instrumentChecks = async (ask: Ask, facts: Facts, isOn: boolean): Promise<Check[]> => {
  const account = quoteAccount(facts.target.user ?? '')
  const grant = `GRANT SELECT ON performance_schema.* TO ${account};`
  const { flags } = facts
  return [
    check(
      'performance_schema',
      flags.threads,
      [
        'sampled from it',
        `${isOn ? 'on, and not readable or too small' : 'off'}: sampled from the process list, which costs more`,
      ],
      isOn ? grant : SWITCH_ON,
    ),
    ...(flags.threads ? await statementChecks(ask, facts) : unreadable(isOn ? grant : SWITCH_ON)),
    ...(isOn ? await lossChecks(ask) : []),
    check(
      'row-locks',
      flags.dataLocks || flags.innodbLocks,
      ['who blocks whom on rows is seen', 'who blocks whom on rows is hidden'],
      flags.mariaDb ? `GRANT PROCESS ON *.* TO ${account};` : isOn ? grant : SWITCH_ON,
    ),
    check(
      'metadata-locks',
      flags.metadataLocks,
      ['who blocks DDL is seen', 'who blocks DDL is not instrumented'],
      flags.threads ? instrument('wait/lock/metadata/sql/mdl') : isOn ? grant : SWITCH_ON,
    ),
    check(
      'client-programs',
      flags.attributes,
      ['clients are told apart by program', 'clients are told apart by account and host only'],
      isOn ? grant : SWITCH_ON,
    ),
    check(
      'deadlocks',
      flags.mariaDb || flags.innodbMetrics,
      ['deadlocks are counted', 'deadlocks are not counted'],
      flags.transactions
        ? "SET GLOBAL innodb_monitor_enable = 'lock_deadlocks';"
        : `GRANT PROCESS ON *.* TO ${account};`,
    ),
  ]
}

const unreadable = (fix: string): Check[] => [
  check('statement-ids', false, IDS, fix),
  check('statement-summaries', false, SUMMARIES, fix),
  check('exact-load', false, EXACT, fix),
]

const IDS = ['statements carry a digest of the server', 'statements are told apart by their text'] as const
const SUMMARIES = [
  'calls and time of statements are read',
  'calls and time of statements are not counted',
] as const
const EXACT = [
  'the sampled load is compared with the time that the server adds up',
  'the server does not time all statements: the sampled load stands alone',
] as const

const statementChecks = async (ask: Ask, { flags, target }: Facts): Promise<Check[]> => {
  const [off, untimed, leftOut] = [
    await namesOf(ask, CONSUMERS_OFF),
    await namesOf(ask, UNTIMED),
    await namesOf(ask, LEFT_OUT),
  ]
  const fixes = [
    ...(untimed.length > 0 ? [instrument('statement/sql/%')] : []),
    ...(off.length > 0 ? [consumers(off)] : []),
  ]
  const grant = `GRANT SELECT ON performance_schema.* TO ${quoteAccount(target.user ?? '')};`
  const fix = fixes.join(' ') || grant
  return [
    check('statement-ids', flags.digests, IDS, fix),
    check('statement-summaries', flags.summaries, SUMMARIES, fix),
    check(
      'exact-load',
      flags.summaries && flags.digests && leftOut.length === 0,
      EXACT,
      fixes.join(' ') || ACTORS,
    ),
    check(
      'instrumented-sessions',
      leftOut.length === 0,
      ['every session is instrumented', `not instrumented: ${leftOut.join(', ')}`],
      ACTORS,
    ),
  ]
}

/** Holds for sessions that are opened from then on. */
const ACTORS =
  "UPDATE performance_schema.setup_actors SET enabled = 'YES'; " +
  "INSERT IGNORE INTO performance_schema.setup_actors VALUES ('%', '%', '%', 'YES', 'YES');"

const instrument = (name: string): string =>
  `UPDATE performance_schema.setup_instruments SET enabled = 'YES', timed = 'YES' WHERE name LIKE '${name}';`

const consumers = (names: readonly string[]): string =>
  `UPDATE performance_schema.setup_consumers SET enabled = 'YES' WHERE name IN (${names.map(name => `'${name}'`).join(', ')});`

const lossChecks = async (ask: Ask): Promise<Check[]> => {
  const [rows = []] = await ask<{ Variable_name: string; Value: string }>(LOST)
  const sizes = rows.map(({ Variable_name: name }) => SIZES[name] ?? name)
  return [
    check(
      'instruments-lost',
      rows.length === 0,
      [
        'the performance schema has room for everything',
        `no room: ${rows.map(({ Variable_name: name, Value: count }) => `${name} = ${count}`).join(', ')}`,
      ],
      `${sizes.map(size => `${size} = -1 or more`).join(', ')} ${NEEDS_RESTART}`,
    ),
  ]
}

const namesOf = async (ask: Ask, sql: string): Promise<string[]> => {
  const [rows = []] = (await perhaps(ask<{ name: string }>(sql), () => false)) ?? []
  return rows.map(({ name }) => plain(name))
}

/** What is found when it is so, and when it is not. A fix is shown only where something is amiss. */
const check = (name: string, ok: boolean, [yes, no]: readonly [string, string], fix: string): Check =>
  ok ? { name, ok, finding: yes } : { name, ok, finding: no, fix }
