// A pooler before the database: many clients on few connections, as long as most of them idle.
import type { Tick } from '../../model/index.ts'
import { poolBudget } from '../budget.ts'
import { predict } from '../predict.ts'
import { proxyPrice } from '../price.ts'
import { percent, plural, type Remedy, type Weighed } from '../remedy.ts'
import { meanOf, type Situation } from '../situation.ts'
import { proxySteps, rdsName } from '../step.ts'

/** Share of the slots in use that has to idle: a pooler gives back nothing else. */
const IDLE = 0.5
/** Connections of the pooler to the database beyond what works on average. */
const HEADROOM = 1.5
const SMALLEST = 5

export const pooler: Remedy = {
  code: 'pooler',
  answers: ['pools-oversubscribed', 'connection-leak', 'load-surge', 'pooler-exhausted'],
  risk: 'medium',
  outage: 'none',
  permissions: {
    iam: [
      'rds:CreateDBProxy',
      'rds:RegisterDBProxyTargets',
      'rds:ModifyDBProxyTargetGroup',
      'rds:DescribeDBProxyTargets',
      'rds:AddTagsToResource',
      'iam:PassRole',
    ],
    grants: [],
  },
  verify:
    'sessions of the server stay at the pool’s size; clients wait shortly (SHOW POOLS; DatabaseConnectionsBorrowLatency)',
  weigh(s) {
    if (s.finding.cause === 'pooler-exhausted') return enlarged(s)
    const title = 'a pooler in transaction mode'
    const last = s.now.at(-1)
    if (!last?.idle || s.usable === undefined || s.slots < 1) return undefined
    if (s.evidence.target.viaPooler) return { title, reason: 'one answers already: look at its size instead' }
    const idle = meanOf(s.now, tick => (tick.idle ?? []).reduce((sum, { count }) => sum + count, 0))
    if (idle / s.slots < IDLE)
      return {
        title,
        reason: `would not help: only ${percent(idle / s.slots)} of the slots idle, and a connection is borrowed for a whole transaction`,
      }
    const size = Math.max(SMALLEST, sizeOf(s))
    const freed = s.slots - size
    if (freed < 1) return undefined
    const pins = pinning(s)
    const steps = proxySteps(s.evidence.target, size)
    return {
      horizon: 'for-good',
      title: `${title}: ${plural(Math.round(idle), 'idle session')} on ${size} connections`,
      effect: predict(
        s,
        { slots: { certain: freed, likely: freed }, endsGrowth: true },
        `clients keep their connections to the pooler; the server has ${size}${pins.length > 0 ? `; pinned by ${pins.join(', ')}: those get no good of it` : ''}`,
      ),
      cost: 'session state does not survive a transaction: SET, temporary tables, session locks, LISTEN; one more hop',
      // Where Spillway makes the proxy, it stays.
      reversible: steps.length === 0,
      price: s.evidence.target.instance
        ? proxyPrice(s.evidence.target, s.market)
        : { usd: 0, note: 'PgBouncer or ProxySQL on a machine you have' },
      steps,
      commands: configuration(s, size),
    }
  },
}

/** Of the usable slots, for everybody else. */
const SPARE = 0.15

/** The pooler that there is, with as many connections for its queue as the server has room for. */
function enlarged(s: Situation): Weighed | undefined {
  const { user } = s.finding.subject ?? {}
  if (s.finding.kind !== 'pool' || user === undefined || s.usable === undefined) return undefined
  const title = `larger pools of the pooler for ${user}`
  const has = Math.max(0, ...s.now.map(tick => sessionsOf(tick, user)))
  const waiting = waitingFor(s, user)
  if (has === 0 || waiting === undefined) return { title, reason: 'how many clients wait is not known' }
  const room = Math.floor(s.usable - s.slots - SPARE * s.usable)
  const more = Math.min(waiting, room)
  if (more < 1)
    return { title, reason: 'the server has no slots left for it: its load is what has to become less' }
  const size = has + more
  const isSession = s.evidence.events.some(
    ({ source, message }) => source === 'pgbouncer' && message.includes('in session mode'),
  )
  const better = isSession
    ? '; in transaction mode fewer would do, where nobody needs what a session remembers'
    : ''
  return {
    horizon: 'now',
    title: `${title}: ${has} → ${size}`,
    effect: predict(
      s,
      { slots: { certain: -more, likely: -more }, liftsLimit: true, endsGrowth: true },
      `${plural(waiting, 'client')} of it wait for ${plural(has, 'connection')}; the server has room for ${more} more, and keeps ${Math.floor(room - more + SPARE * s.usable)} slots free${better}`,
    ),
    cost: 'as many more slots of the server are taken while they are needed',
    reversible: true,
    price: { usd: 0, note: 'of the pooler that you have' },
    poolerSize: size,
    steps: [],
    commands: [`set default_pool_size = ${size}`, '(on the admin console, and in pgbouncer.ini)'],
  }
}

const sessionsOf = ({ sessions = [], idle = [] }: Tick, user: string): number =>
  sessions.filter(one => one.user === user).length +
  idle.filter(one => one.user === user).reduce((sum, { count }) => sum + count, 0)

/** As PgBouncer's console said it last: by pool, and by who waits. */
function waitingFor({ evidence: { events } }: Situation, user: string): number | undefined {
  const counts = events.flatMap(({ source, message }) => {
    if (source !== 'pgbouncer') return []
    const pool = /^pool \S+\/(\S+) has .*: (\d+) clients? wait/.exec(message)
    const queue = /^(\d+) clients? of (\S+) from .* wait/.exec(message)
    if (pool?.[1] === user) return [Number(pool[2])]
    return queue?.[2] === user ? [Number(queue[1])] : []
  })
  return counts.length > 0 ? Math.max(...counts) : undefined
}

const sizeOf = (s: Situation): number => {
  const budget = poolBudget(s)
  const busy = budget?.pools.reduce((sum, pool) => sum + pool.peak, 0) ?? s.aas
  return Math.min(Math.floor((s.usable ?? busy) * 0.85), Math.ceil(HEADROOM * Math.max(1, busy)))
}

/** What was seen that keeps a client on its connection. */
function pinning({ evidence }: Situation): string[] {
  const sessions = evidence.ticks.flatMap(tick => tick.sessions ?? [])
  const found = new Set<string>()
  for (const { lock, statement = '' } of sessions) {
    if (lock?.kind === 'advisory' || /\bget_lock\s*\(|pg_(?:try_)?advisory_lock\b/i.test(statement))
      found.add('session locks')
    if (/\bcreate\s+(?:global\s+|local\s+)?temp/i.test(statement)) found.add('temporary tables')
    if (/^\s*listen\b/i.test(statement)) found.add('LISTEN')
    if (/^\s*lock\s+tables?\b/i.test(statement) && !/\bmode\b/i.test(statement)) found.add('LOCK TABLES')
  }
  return [...found].sort()
}

function configuration({ evidence: { target } }: Situation, size: number): string[] {
  const { instance } = target
  const proxy =
    instance && instance.replicaOf === undefined
      ? [
          `spillway plan ${rdsName(instance)} --set proxy=yes --set proxy_size=${size} --set proxy_secret=ARN --set proxy_role=ARN --json > plan.json && spillway apply plan.json`,
        ]
      : []
  if (target.engine !== 'postgres')
    return proxy.length > 0 ? proxy : [`(ProxySQL: max_connections=${size} of the server)`]
  return [
    ...proxy,
    '; pgbouncer.ini',
    '[databases]',
    `* = host=… port=5432`,
    '[pgbouncer]',
    'pool_mode = transaction',
    `max_db_connections = ${size}`,
    `default_pool_size = ${size}`,
    'max_client_conn = 2000',
    // Since 1.21 prepared statements of the protocol work in transaction mode.
    'max_prepared_statements = 200',
    'query_wait_timeout = 30',
    'server_idle_timeout = 60',
  ]
}
