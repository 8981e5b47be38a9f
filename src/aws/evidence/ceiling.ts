// Which limit of the class or the volume was reached in the suspect time: the number that ran out.
import type { EvidenceEvent, Interval, Signal, Tick } from '../../model/index.ts'
import { isHeldToBaseline, type Shape } from '../catalog/index.ts'
import { volumeLimits } from '../catalog/volume.ts'
import type { Database } from '../describe/database.ts'

/** A limit is reached from this share of it on, and a balance is gone below this percentage. */
const REACHED = 0.9
const GONE_PCT = 5
/** A credit is a vCPU for a minute: below that many there is no burst left. */
const GONE_CREDITS = 5
const MIB = 1024 ** 2

/** One event for each limit, at the worst tick. */
export function ceilingEvents(
  ticks: readonly Tick[],
  database: Database,
  shape: Shape | undefined,
  suspect: Interval | undefined,
): EvidenceEvent[] {
  const within = suspect ? ticks.filter(({ t }) => t >= suspect.from && t < suspect.to) : ticks
  const volume = volumeLimits(database)
  const { instanceClass } = database
  return [
    reached(
      within,
      operations,
      volume?.iops.baseline,
      n =>
        `the volume does ${round(n)} of the ${volume?.iops.baseline} I/O operations a second that it can do for ever`,
    ),
    reached(
      within,
      volumeBytes,
      (volume?.mibPerS ?? Number.NaN) * MIB,
      n => `the volume moves ${round(n / MIB)} of its ${volume?.mibPerS} MiB/s`,
    ),
    reached(
      within,
      operations,
      shape?.ebs?.iops.baseline,
      n =>
        `${instanceClass} does ${round(n)} of the ${shape?.ebs?.iops.baseline} I/O operations a second that the class can do for ever (${shape?.ebs?.iops.peak} in a burst)`,
    ),
    reached(
      within,
      volumeBytes,
      (shape?.ebs?.mbPerS.baseline ?? Number.NaN) * 1e6,
      n =>
        `${instanceClass} moves ${round(n / 1e6)} of the ${shape?.ebs?.mbPerS.baseline} MB/s that the class can move for ever (${shape?.ebs?.mbPerS.peak} in a burst)`,
    ),
    reached(
      within,
      network,
      ((shape?.networkGbps.baseline ?? Number.NaN) * 1e9) / 8,
      n =>
        `${instanceClass} moves ${round((8 * n) / 1e6)} Mbit/s over the network; ${round((shape?.networkGbps.baseline ?? 0) * 1e3)} is what the class can do for ever`,
    ),
    ...gone(
      within,
      'cpu_credit_balance',
      GONE_CREDITS,
      n =>
        `${instanceClass} has used up its CPU credits (${round(n)} left): ${shape?.baselineCpuPct ?? '?'} % of each vCPU is left`,
    ).map(event => (isHeldToBaseline(instanceClass) ? event : charged(event, shape))),
    gone(
      within,
      'ebs_io_balance_pct',
      GONE_PCT,
      n =>
        `${instanceClass} has used up its burst of I/O operations (${round(n)} % left): ${shape?.ebs?.iops.baseline ?? '?'} a second are left of ${shape?.ebs?.iops.peak ?? '?'}`,
    ),
    gone(
      within,
      'ebs_byte_balance_pct',
      GONE_PCT,
      n =>
        `${instanceClass} has used up its burst of storage throughput (${round(n)} % left): ${shape?.ebs?.mbPerS.baseline ?? '?'} MB/s are left of ${shape?.ebs?.mbPerS.peak ?? '?'}`,
    ),
    gone(
      within,
      'burst_balance_pct',
      GONE_PCT,
      n =>
        `the volume has used up its burst (${round(n)} % left): ${volume?.iops.baseline ?? '?'} operations a second are left of ${volume?.iops.peak ?? '?'}`,
    ),
  ].flat()
}

type Measure = (tick: Tick) => number | undefined

const sumOf =
  (a: Signal, b: Signal): Measure =>
  ({ signals }) =>
    signals[a] === undefined || signals[b] === undefined ? undefined : signals[a] + signals[b]

const operations = sumOf('disk_reads_per_s', 'disk_writes_per_s')
const volumeBytes = sumOf('disk_read_bytes_per_s', 'disk_write_bytes_per_s')
const network = sumOf('net_sent_bytes_per_s', 'net_received_bytes_per_s')

function reached(
  ticks: readonly Tick[],
  of: Measure,
  limit: number | undefined,
  say: (n: number) => string,
): EvidenceEvent[] {
  if (limit === undefined || !(limit > 0)) return []
  const [worst] = ticks.flatMap(tick => ({ t: tick.t, n: of(tick) ?? 0 })).sort((a, b) => b.n - a.n)
  return worst && worst.n >= REACHED * limit ? [event(worst.t, 'limit-reached', say(worst.n))] : []
}

function gone(
  ticks: readonly Tick[],
  signal: Signal,
  below: number,
  say: (n: number) => string,
): EvidenceEvent[] {
  const known = ticks.flatMap(({ t, signals }) =>
    signals[signal] === undefined ? [] : [{ t, n: signals[signal] }],
  )
  const [worst] = known.sort((a, b) => a.n - b.n)
  return worst && worst.n < below ? [event(worst.t, 'balance-gone', say(worst.n))] : []
}

/** No limit, only a bill. */
const charged = ({ t }: EvidenceEvent, shape: Shape | undefined): EvidenceEvent =>
  event(
    t,
    'credits-charged',
    `the CPU credits are used up; the class goes on as before, and AWS charges for what is above ${shape?.baselineCpuPct ?? '?'} % of each vCPU`,
  )

const event = (t: number, kind: string, message: string): EvidenceEvent => ({
  t,
  source: 'catalog',
  kind,
  message,
})

const round = (n: number): string => n.toFixed(n < 10 ? 1 : 0)
