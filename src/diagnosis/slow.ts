// Attempts that the way to the server made slow: what a network in trouble does to those that succeed.
import { median } from '../load/index.ts'
import type { Evidence, ProbeResult, Tick } from '../model/index.ts'
import { tally } from './tally.ts'

/** Clients notice an attempt that takes this much longer, milliseconds, and this many times as long. */
const NOTICED_MS = 100
const NOTICED = 4
/** A packet of the handshake that is lost is sent again after this time (RFC 6298), milliseconds. */
const LOST_PACKET_MS = 1_000
/** Attempts that have to succeed before one can be called slow. */
const FEWEST = 4
/** A server that works more than this answers slowly itself: sessions on CPU for each vCPU, and percent of its host. */
const BUSY_SESSIONS = 0.75
const BUSY_PCT = 70

/** The attempts that succeeded slowly, and not by the server. */
export function slowAttempts({ probes, ticks, tickMs, from, target }: Evidence): ProbeResult[] {
  const well = probes.filter(({ ok }) => ok)
  if (well.length < FEWEST) return []
  const [connect, answers] = [quietLevel(well, connectMs), quietLevel(well, answersMs)]
  const slower = (ms: number, quiet: number) => ms - quiet > NOTICED_MS && ms > NOTICED * quiet
  return well.filter(probe => {
    // The kernel answers to the first packet, whatever the server does.
    if (connectMs(probe) >= LOST_PACKET_MS || slower(connectMs(probe), connect)) return true
    const tick = ticks[Math.floor((probe.t - from) / tickMs)]
    return slower(answersMs(probe), answers) && tick !== undefined && isQuiet(tick, target.vcpus)
  })
}

/** Whether the server has so little to do that it answers at once. False for a gap. */
export function isQuiet(tick: Tick, vcpus = 1): boolean {
  const { active, byWaitClass } = tally(tick)
  return (
    active !== undefined &&
    (byWaitClass ? (byWaitClass.CPU ?? 0) : active) <= BUSY_SESSIONS * vcpus &&
    (tick.signals.cpu_pct ?? 0) < BUSY_PCT
  )
}

/** Each slow attempt speaks for the time up to the next one, when that is slow as well. */
export function slowSpells(evidence: Evidence): number[] {
  const slow = new Set(slowAttempts(evidence))
  return evidence.probes.flatMap((probe, i) => {
    if (!slow.has(probe)) return []
    const next = evidence.probes[i + 1]
    const spell = [probe.t]
    for (let t = probe.t + evidence.tickMs; next && slow.has(next) && t < next.t; t += evidence.tickMs)
      spell.push(t)
    return spell
  })
}

const connectMs = ({ phaseMs }: ProbeResult): number => phaseMs.connect ?? 0
const answersMs = ({ phaseMs: { tls = 0, authenticate = 0, query = 0 } }: ProbeResult): number =>
  tls + authenticate + query

/** Of the quickest quarter. */
function quietLevel(probes: ProbeResult[], of: (probe: ProbeResult) => number): number {
  const sorted = probes.map(of).sort((a, b) => a - b)
  return median(sorted.slice(0, Math.max(1, Math.ceil(sorted.length / 4))))
}
