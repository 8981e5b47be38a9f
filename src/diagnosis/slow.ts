// Attempts that the way to the server made slow: what a network in trouble does to those that succeed.
import { median } from '../load/index.ts'
import type { Evidence, ProbeResult, Tick } from '../model/index.ts'
import { timesFrom } from './spell.ts'
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
    const at = Math.floor((probe.t - from) / tickMs)
    return slower(answersMs(probe), answers) && isQuietAround(ticks, at, target.vcpus)
  })
}

/** By the samples next to a moment: those of the held connection come late as well, and leave gaps. */
function isQuietAround(ticks: readonly Tick[], at: number, vcpus: number | undefined): boolean {
  const isSampled = ({ sessions }: Tick) => sessions !== undefined
  const near = [ticks.slice(0, at + 1).findLast(isSampled), ticks.slice(at).find(isSampled)].filter(
    tick => tick !== undefined,
  )
  return near.length > 0 && near.every(tick => isQuiet(tick, vcpus))
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

/** Each slow attempt speaks up to the next one, unless that is well; the last one as a failed one does, where none follows. */
export function slowSpells(evidence: Evidence): number[] {
  const { probes, ticks, tickMs } = evidence
  const slow = new Set(slowAttempts(evidence))
  const end = (ticks.at(-1)?.t ?? 0) + tickMs
  return probes.flatMap((probe, i) => {
    if (!slow.has(probe)) return []
    const next = probes[i + 1]
    const isWell = next?.ok && !slow.has(next)
    return timesFrom(probe.t, isWell ? probe.t : (next?.t ?? end), tickMs)
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
