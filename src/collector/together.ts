// One piece of evidence of two observers of the same time: a live watch, and AWS, which watched from outside.
import type { Evidence, EvidenceEvent, Signal, Signals, Tick } from '../model/index.ts'

/** Levels of the machine that only AWS sees; the latest is as good as none after this long, milliseconds. */
const OF_THE_MACHINE = /^(?:cpu|disk|ebs|burst|memory|swap|storage|net|replica)_/
const STALE_MS = 5 * 60_000
/** Two counts of the load agree within this many sessions, or this share of the larger one. */
const NEAR_SESSIONS = 1
const NEAR_SHARE = 0.25

/** The watch counts where both measured, and where it could not measure at all AWS does; what only AWS has is laid beside it, and whether they agree is an event. */
export function together(watched: Evidence, cloud: Evidence): Evidence {
  if (!watched.ticks.some(isMeasured)) return lockedOut(watched, cloud)
  const limits = watched.limits ?? cloud.limits
  const { instanceClass, vcpus, memoryBytes, instance } = cloud.target
  return {
    ...watched,
    target: {
      ...watched.target,
      ...(instanceClass === undefined ? {} : { instanceClass }),
      ...(vcpus === undefined ? {} : { vcpus }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(instance ? { instance } : {}),
    },
    ...(limits ? { limits } : {}),
    ticks: beside(watched.ticks, cloud),
    failures: inOrder([...watched.failures, ...cloud.failures.filter(({ t }) => t >= watched.from)]),
    statements: watched.statements.length > 0 ? watched.statements : cloud.statements,
    events: inOrder([...watched.events, ...cloud.events, ...agreement(watched, cloud)]),
  }
}

const isMeasured = ({ signals }: Tick): boolean => Object.keys(signals).length > 0

/** Nobody got in: what AWS saw, and what became of each attempt to connect. */
const lockedOut = (watched: Evidence, cloud: Evidence): Evidence => ({
  ...cloud,
  target: { ...cloud.target, ...watched.target },
  to: Math.max(watched.to, cloud.to),
  probes: watched.probes,
  failures: inOrder([...watched.failures, ...cloud.failures]),
  events: inOrder([...watched.events, ...cloud.events]),
})

function beside(ticks: readonly Tick[], cloud: Evidence): Tick[] {
  let next = 0
  const latest = new Map<Signal, { t: number; value: number }>()
  return ticks.map(tick => {
    for (; next < cloud.ticks.length && cloud.ticks[next]!.t <= tick.t; next++) {
      const { t, signals } = cloud.ticks[next]!
      for (const [name, value] of Object.entries(signals))
        if (OF_THE_MACHINE.test(name)) latest.set(name as Signal, { t, value })
    }
    // A gap stays one: nobody looked at the sessions then.
    if (!isMeasured(tick)) return tick
    const known: Signals = {}
    for (const [name, { t, value }] of latest) if (tick.t - t < STALE_MS) known[name] = value
    return { ...tick, signals: { ...known, ...tick.signals } }
  })
}

/** Over the ticks that both have. */
function agreement(watched: Evidence, cloud: Evidence): EvidenceEvent[] {
  const theirs = new Map(cloud.ticks.map(({ t, signals }) => [t, signals.aas]))
  const both = watched.ticks.flatMap(({ t, signals: { aas } }) => {
    const other = theirs.get(Math.floor(t / cloud.tickMs) * cloud.tickMs)
    return aas === undefined || other === undefined ? [] : [{ aas, other }]
  })
  if (both.length === 0) return []
  const sampled = both.reduce((sum, { aas }) => sum + aas, 0) / both.length
  const insights = both.reduce((sum, { other }) => sum + other, 0) / both.length
  const near = Math.max(NEAR_SESSIONS, NEAR_SHARE * Math.max(sampled, insights))
  const agree = Math.abs(sampled - insights) <= near
  return [
    {
      t: watched.to - 1,
      source: 'performance-insights',
      kind: agree ? 'agreement' : 'disagreement',
      message: `AAS ${insights.toFixed(1)} where the watch sampled ${sampled.toFixed(1)}, over the same ${both.length} s`,
    },
  ]
}

const inOrder = <T extends { t: number }>(all: T[]): T[] => all.sort((a, b) => a.t - b.t)
