// The fake of Performance Insights: GetResourceMetrics over the incident of a database.
import { type Evidence, type Signal, WAIT_CLASSES, type WaitClass } from '../../../src/model/index.ts'
import { type Input, onlyMembers, within } from './members.ts'
import { Refusal } from './refusal.ts'
import {
  eventsOf,
  type Group,
  type Grouping,
  gauge,
  groupsOf,
  loadOf,
  meanOf,
  type Period,
  periodsOf,
} from './shown.ts'
import type { Described, World } from './world.ts'

const BAD = 'InvalidArgumentException'
const DAY_MS = 24 * 3_600_000
/** A response holds 25 at most. */
const PAGE = 25

interface Query {
  Metric: string
  GroupBy?: { Group: string; Dimensions?: string[]; Limit?: number }
  Filter?: Record<string, string>
}

export function insights(world: World, operation: string, input: Input, now: number): string {
  if (operation !== 'GetResourceMetrics') throw new Refusal('UnknownOperationException', operation)
  onlyMembers(
    input,
    [
      'ServiceType',
      'Identifier',
      'MetricQueries',
      'StartTime',
      'EndTime',
      'PeriodInSeconds',
      'MaxResults',
      'NextToken',
      'PeriodAlignment',
    ],
    BAD,
  )
  within(input, 'MaxResults', 0, PAGE, BAD)
  const database = world.instances.find(({ DbiResourceId }) => DbiResourceId === input.Identifier)
  if (input.ServiceType !== 'RDS' || !database || database.PerformanceInsightsEnabled !== true)
    throw new Refusal('NotAuthorizedException', `${String(input.Identifier)} is not a valid resource`)
  const [from, to] = [Number(input.StartTime) * 1_000, Number(input.EndTime) * 1_000]
  const kept = now - Number(database.PerformanceInsightsRetentionPeriod) * DAY_MS
  if (!(from < to) || from < kept)
    throw new Refusal(BAD, `StartTime ${from} is not within the retention period`)
  const period = Number(input.PeriodInSeconds)
  if (![1, 60, 300, 3600, 86400].includes(period)) throw new Refusal(BAD, `PeriodInSeconds ${period}`)
  const queries = input.MetricQueries as Query[]
  if (queries.length < 1 || queries.length > 15) throw new Refusal(BAD, 'MetricQueries has 1 to 15 members')
  const shift = input.PeriodAlignment === 'START_TIME' ? 0 : period * 1_000
  const evidence = world.incidents[String(database.DBInstanceIdentifier)]
  const periods = evidence ? periodsOf(evidence, period, from, to) : []
  const all = queries.flatMap(query => seriesOf(query, database, evidence, periods))
  const first = input.NextToken === undefined ? 0 : Number(String(input.NextToken).replace(/^next-/, ''))
  const next = first + Number(input.MaxResults ?? PAGE)
  return JSON.stringify({
    AlignedStartTime: from / 1_000,
    AlignedEndTime: to / 1_000,
    Identifier: input.Identifier,
    MetricList: all.slice(first, next).map(({ key, value }) => ({
      Key: key,
      // A period that was not sampled has a point without a value.
      DataPoints: periods.map(one => ({ Timestamp: (one.start + shift) / 1_000, Value: value(one) })),
    })),
    ...(next < all.length ? { NextToken: `next-${next}` } : {}),
  })
}

interface Answer {
  key: { Metric: string; Dimensions?: Record<string, string> }
  value: (period: Period) => number | undefined
}

function seriesOf(
  { Metric, GroupBy, Filter = {} }: Query,
  { Engine }: Described,
  evidence: Evidence | undefined,
  periods: Period[],
): Answer[] {
  const postgres = String(Engine).includes('postgres')
  if (!GroupBy) {
    if (Metric === 'db.load.avg') return [{ key: { Metric }, value: loadOf }]
    const value = (postgres ? POSTGRES : MYSQL)[Metric.replace(/\.avg$/, '')]
    if (!value || !Metric.endsWith('.avg')) throw new Refusal(BAD, `${Metric} is not a valid metric`)
    return periods.some(one => value(one) !== undefined) ? [{ key: { Metric }, value }] : []
  }
  const { Group, Limit = 10 } = GroupBy
  if (!(Limit >= 1 && Limit <= 25)) throw new Refusal(BAD, `Limit ${Limit}`)
  const statistic = STATISTICS[postgres ? 'postgres' : 'mysql'][Metric]
  const grouping = GROUPINGS(postgres, String(Engine))[Group]
  if ((Metric !== 'db.load.avg' && !(statistic && Group === 'db.sql_tokenized')) || !grouping)
    throw new Refusal(BAD, `${Metric} by ${Group} is not valid`)
  const names = Object.keys(Filter)
  if (names.some(name => !name.startsWith(`${Group}.`)))
    throw new Refusal(BAD, `Filter by ${names.join(', ')}`)
  if (!evidence) return []
  const groups = statistic
    ? statementGroups(evidence, statistic)
    : Group === 'db.sql_tokenized' &&
        !evidence.ticks.some(({ sessions }) => sessions?.some(one => one.statementId))
      ? statementGroups(evidence, 'totalMs', 0.001)
      : Group === 'db.wait_event' && !evidence.ticks.some(({ sessions }) => sessions)
        ? classGroups(String(Engine))
        : groupsOf(evidence, grouping)
  const weight = (group: Group) => periods.reduce((sum, one) => sum + (group.value(one) ?? 0), 0)
  return groups
    .filter(group => weight(group) > 0 && names.every(name => group.dimensions[name] === Filter[name]))
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, Limit)
    .map(({ dimensions, value }) => ({ key: { Metric, Dimensions: dimensions }, value }))
}

const one = (name: string, value: string | undefined) => (value === undefined ? undefined : { [name]: value })

const GROUPINGS = (postgres: boolean, product: string): Record<string, Grouping> => ({
  'db.wait_event': ({ waitClass = 'CPU' }) => waitOf(product, waitClass),
  'db.sql_tokenized': ({ statementId, statement }) =>
    statementId === undefined ? undefined : digestOf(statementId, statement),
  'db.user': ({ user }) => one('db.user.name', user),
  'db.host': ({ host }) => one('db.host.name', host),
  db: ({ database }) => one('db.name', database),
  ...(postgres ? { 'db.application': ({ application }) => one('db.application.name', application) } : {}),
  ...(product === 'aurora-postgresql'
    ? {
        'db.blocking_session': ({ blockedBy: [id] = [] }) => one('db.blocking_session.id', id),
        'db.blocking_object': () => undefined,
      }
    : {}),
})

/** Performance Insights has a hash of its own beside what the database calls it. */
const digestOf = (id: string, text = '') => ({
  'db.sql_tokenized.id': `0A${Buffer.from(id).toString('hex').toUpperCase()}`,
  'db.sql_tokenized.db_id': id,
  'db.sql_tokenized.statement': text,
})

function waitOf(product: string, waitClass: WaitClass) {
  const name = eventsOf(product)[waitClass]
  const type = /^wait\/(\w+)/.exec(name)?.[1] ?? name.split(':')[0]!
  return { 'db.wait_event.name': name, 'db.wait_event.type': type }
}

/** Where only the load by class is known. */
const classGroups = (product: string): Group[] =>
  WAIT_CLASSES.map(waitClass => ({
    dimensions: waitOf(product, waitClass),
    value: period => meanOf(period, `aas_${waitClass.toLowerCase()}` as Signal),
  }))

const STATISTICS: Record<'postgres' | 'mysql', Record<string, 'calls' | 'totalMs'>> = {
  postgres: {
    'db.sql_tokenized.stats.calls_per_sec.avg': 'calls',
    'db.sql_tokenized.stats.total_time_per_sec.avg': 'totalMs',
  },
  mysql: {
    'db.sql_tokenized.stats.count_star_per_sec.avg': 'calls',
    'db.sql_tokenized.stats.sum_timer_wait_per_sec.avg': 'totalMs',
  },
}

function statementGroups({ statements, tickMs }: Evidence, of: 'calls' | 'totalMs', factor = 1): Group[] {
  const ids = new Map(statements.map(({ statementId, statement = '' }) => [statementId, statement]))
  return [...ids].map(([id, text]) => ({
    dimensions: digestOf(id, text),
    value: ({ ticks }) => {
      const times = new Set(ticks.map(({ t }) => t))
      const own = statements.filter(({ statementId, t }) => statementId === id && times.has(t))
      return ticks.length === 0
        ? undefined
        : (factor * own.reduce((sum, delta) => sum + delta[of], 0)) / ((ticks.length * tickMs) / 1_000)
    },
  }))
}

/** Counters, as the signals they are a picture of. */
const HOST: Record<string, (period: Period) => number | undefined> = {
  'os.cpuUtilization.user': gauge('cpu_user_pct'),
  'os.cpuUtilization.system': gauge('cpu_system_pct'),
  'os.cpuUtilization.idle': gauge('cpu_idle_pct'),
  'os.cpuUtilization.wait': gauge('cpu_iowait_pct'),
  'os.cpuUtilization.steal': gauge('cpu_steal_pct'),
  'os.tasks.running': gauge('runnable_processes'),
  'os.tasks.blocked': gauge('blocked_processes'),
  'os.diskIO.rdsdev.util': gauge('disk_util_pct'),
  'os.swap.in': gauge('swap_in_per_s', 1 / 1024),
}

/** `db.state.idle_count` is missing: not every version has every counter. */
const POSTGRES: Record<string, (period: Period) => number | undefined> = {
  ...HOST,
  'db.User.numbackends': gauge('connections'),
  'db.User.max_connections': gauge('max_connections'),
  'db.state.active_count': gauge('connections_active'),
  'db.state.idle_in_transaction_count': gauge('connections_idle_in_transaction'),
  'db.Transactions.blocked_transactions': gauge('lock_waiters'),
  'db.Transactions.xact_commit': gauge('commits_per_s'),
  'db.Transactions.xact_rollback': gauge('rollbacks_per_s'),
  'db.Concurrency.deadlocks': gauge('deadlocks_per_s', 60),
  'db.Cache.blks_hit': period =>
    difference(meanOf(period, 'buffer_reads_per_s'), meanOf(period, 'buffer_misses_per_s')),
  'db.IO.blks_read': gauge('buffer_misses_per_s'),
  'db.SQL.tup_returned': gauge('rows_read_scan_per_s'),
  'db.SQL.tup_fetched': gauge('rows_read_index_per_s'),
  'db.SQL.tup_inserted': gauge('rows_inserted_per_s'),
  'db.SQL.tup_updated': gauge('rows_updated_per_s'),
  'db.SQL.tup_deleted': gauge('rows_deleted_per_s'),
  'db.Checkpoint.buffers_checkpoint': gauge('pages_flushed_per_s', 0.5),
  'db.IO.buffers_clean': gauge('pages_flushed_per_s', 0.25),
  'db.IO.buffers_backend': gauge('pages_flushed_per_s', 0.25),
  'db.SQL.queries_finished': gauge('statements_per_s'),
}

const MYSQL: Record<string, (period: Period) => number | undefined> = {
  ...HOST,
  'db.User.max_connections': gauge('max_connections'),
  'db.Users.Threads_running': gauge('connections_active'),
  'db.Users.Threads_connected': gauge('connections'),
  'db.Locks.Innodb_row_lock_time': gauge('lock_wait_ms_per_s'),
  'db.Locks.innodb_deadlocks': gauge('deadlocks_per_s', 60),
  'db.SQL.Questions': gauge('statements_per_s'),
  'db.SQL.Innodb_rows_read': gauge('rows_read_scan_per_s'),
  'db.SQL.Innodb_rows_inserted': gauge('rows_inserted_per_s'),
  'db.SQL.Innodb_rows_updated': gauge('rows_updated_per_s'),
  'db.SQL.Innodb_rows_deleted': gauge('rows_deleted_per_s'),
  'db.IO.Innodb_log_writes': gauge('log_writes_per_s'),
  'db.IO.Innodb_pages_written': gauge('pages_flushed_per_s'),
  'db.Cache.Innodb_buffer_pool_read_requests': gauge('buffer_reads_per_s'),
  'db.Cache.Innodb_buffer_pool_reads': gauge('buffer_misses_per_s'),
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b
}
