// A small model of a database under load, for evidence that nobody recorded: clients, CPU, storage, log, locks and network, related by
// Little's law and by what is the bottleneck. It knows nothing of the rules that judge it.

import { seededRandom } from '../../src/lab/random.ts'
import type { Evidence, Signals } from '../../src/model/index.ts'
import { T0 } from './evidence.ts'

export interface Parameters {
  clients: number
  /** Milliseconds: a client thinks, a call costs each of these when nobody else is there. */
  think: number
  cpu: number
  network: number
  fsync: number
  lock: number
  cores: number
  /** Pages a call reads, the share that misses memory, milliseconds for each, and how many at once. */
  reads: number
  misses: number
  io: number
  disks: number
  rows: number
  scanned: number
  inserted: number
  logBytes: number
  flushed: number
  /** What others on the host take: cores, bytes written a second. */
  otherCores: number
  otherWrites: number
  /** One more session of its own: rows read and inserted a second, bytes sent for each row read. */
  dumped: number
  loaded: number
  /** All calls wait for this long, while what is dirty is written. */
  stall: boolean
}

/** An ordinary service: 2 to 4 sessions at work, CPU and storage a third busy. */
export const ordinary: Parameters = {
  ...{ clients: 60, think: 150, cpu: 3, network: 1, fsync: 1, lock: 0.3, cores: 4 },
  ...{
    reads: 60,
    misses: 0.02,
    io: 2,
    disks: 4,
    rows: 3,
    scanned: 20,
    inserted: 1,
    logBytes: 400,
    flushed: 2,
  },
  ...{ otherCores: 0, otherWrites: 0, dumped: 0, loaded: 0, stall: false },
}

export const FAULTS: Record<string, (p: Parameters) => Parameters> = {
  'load-surge': p => ({ ...p, clients: 4 * p.clients }),
  'query-regression': p => ({
    ...p,
    cpu: 8 * p.cpu,
    reads: 20 * p.reads,
    misses: p.misses / 20,
    scanned: 400 * p.scanned,
  }),
  'cpu-starvation': p => ({ ...p, otherCores: 0.9 * p.cores }),
  'io-saturation': p => ({ ...p, io: 25 * p.io, fsync: 20 * p.fsync, otherWrites: 3e8 }),
  'buffer-pool-small': p => ({ ...p, misses: 0.5 }),
  'commit-stall': p => ({ ...p, fsync: 400 * p.fsync }),
  'flush-stall': p => ({ ...p, stall: true }),
  'write-amplification': p => ({
    ...p,
    logBytes: 8 * p.logBytes,
    flushed: 30 * p.flushed,
    reads: 2 * p.reads,
    fsync: 30 * p.fsync,
    lock: 20 * p.lock,
  }),
  backup: p => ({ ...p, dumped: 4e5 * (p.cores / 4), io: 3 * p.io }),
  'bulk-load': p => ({ ...p, loaded: 2e4 * (p.cores / 4), fsync: 15 * p.fsync, lock: 30 * p.lock }),
  'network-degraded': p => ({ ...p, network: 900 }),
  'lock-contention': p => ({ ...p, lock: 1500 * p.lock }),
}

export interface Style {
  ticks: number
  tickMs: number
  /** Which signals this source has. */
  signals: readonly (keyof Signals)[]
  seed: number
}

/** Ordinary ticks, faulty ones in `[from, to)`, ordinary ones again. */
export function modelled(
  p: Parameters,
  fault: ((p: Parameters) => Parameters) | undefined,
  [from, to]: readonly [number, number],
  { ticks, tickMs, signals, seed }: Style,
): Evidence {
  const next = seededRandom(seed)
  let drift = 0
  return {
    target: { name: 'model', engine: 'postgres' },
    from: T0,
    to: T0 + ticks * tickMs,
    tickMs,
    ticks: Array.from({ length: ticks }, (_, at) => {
      drift = 0.6 * drift + 0.06 * gauss(next)
      const now = { ...p, clients: p.clients * Math.exp(drift) }
      const all = signalsOf(fault && at >= from && at < to ? fault(now) : now, () =>
        Math.exp(0.08 * gauss(next)),
      )
      return {
        t: T0 + at * tickMs,
        signals: Object.fromEntries(
          signals.flatMap(name => (all[name] === undefined ? [] : [[name, all[name]]])),
        ),
      }
    }),
    probes: [],
    failures: [],
    statements: [],
    events: [],
  }
}

const gauss = (next: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())

/** Calls a second from the demands of a call (Denning and Buzen 1978: the lesser of what clients ask and the bottleneck serves). */
function signalsOf(p: Parameters, noise: () => number): Signals {
  const disk = p.reads * p.misses * p.io
  const cores = Math.max(0.05, p.cores - p.otherCores)
  const inside = p.cpu + disk + p.fsync + p.lock
  const asked = p.clients / ((p.think + p.network + inside) / 1000)
  // A lock and the log let one through at a time, four together at most.
  const served = Math.min(
    (1000 * cores) / p.cpu,
    (1000 * p.disks) / Math.max(disk, 1e-9),
    4000 / p.lock,
    8000 / p.fsync,
  )
  const calls = p.stall ? 0 : (asked * served) / (asked ** 4 + served ** 4) ** 0.25
  const each = p.stall ? 5000 : Math.max(inside, (1000 * p.clients) / calls - p.think - p.network)
  const working = p.stall ? p.clients : (calls * each) / 1000
  const queue = Math.max(0, working - (calls * inside) / 1000)
  const bottleneck = (limit: number) => (served >= limit * 0.999 && served <= limit * 1.001 ? queue : 0)
  const jobs = (p.dumped > 0 ? 1 : 0) + (p.loaded > 0 ? 1 : 0)
  const read = calls * p.reads + p.dumped / 50 + p.loaded / 50
  const missed = calls * p.reads * p.misses + p.dumped / 60
  const flushed = (p.stall ? 300 * p.cores : 200 * (calls / 380)) * p.flushed + p.loaded / 60
  const log = calls * p.rows * p.logBytes + p.loaded * 120
  const own = Math.min(p.cores, (calls * p.cpu) / 1000 + jobs * 0.4)
  const n = noise
  return {
    aas: (working + jobs) * n(),
    aas_cpu: ((calls * p.cpu) / 1000 + bottleneck((1000 * cores) / p.cpu)) * n() + jobs * 0.4,
    aas_io: ((calls * disk) / 1000 + bottleneck((1000 * p.disks) / Math.max(disk, 1e-9))) * n() + jobs * 0.5,
    // Who holds a lock is at work on something; who waits for it is not.
    aas_lock: bottleneck(4000 / p.lock) * n(),
    aas_other: (calls * p.lock) / 1000,
    aas_commit: ((calls * p.fsync) / 1000 + bottleneck(8000 / p.fsync)) * n(),
    connections: Math.round(p.clients * 1.1) + jobs + 3,
    commits_per_s: calls * n(),
    latency_ms: (calls > 0 ? each + p.network : Number.NaN) * n(),
    rows_read_scan_per_s: (calls * p.scanned + p.dumped) * n(),
    rows_inserted_per_s: (calls * p.inserted + p.loaded) * n(),
    rows_changed_per_s: (calls * p.rows + p.loaded) * n(),
    lock_waiters: bottleneck(4000 / p.lock) * n(),
    log_bytes_per_s: log * n(),
    log_fsyncs_per_s: calls * 0.7 * n(),
    buffer_reads_per_s: read * n(),
    buffer_misses_per_s: missed * n(),
    buffer_hit_ratio: 1 - missed / Math.max(1, read),
    pages_flushed_per_s: flushed * n(),
    data_written_bytes_per_s: (flushed * 8192 + log) * n(),
    data_read_bytes_per_s: missed * 8192 * n(),
    cpu_pct: Math.min(100, (100 * (own + p.otherCores)) / p.cores) * Math.min(1, n()),
    db_cpu_pct: ((100 * own) / p.cores) * n(),
    cpu_iowait_pct:
      Math.min(60, 2 + (20 * (working > 0 ? (calls * disk) / 1000 : 0)) / p.disks + p.otherWrites / 8e6) *
      n(),
    disk_writes_per_s: (flushed + calls * 0.7 + p.otherWrites / 65536) * n(),
    disk_write_bytes_per_s: (flushed * 8192 + log + p.otherWrites) * n(),
    disk_reads_per_s: missed * n(),
    disk_write_latency_ms: p.io * n(),
    disk_queue_depth:
      (0.2 +
        (calls * disk) / 1000 +
        bottleneck((1000 * p.disks) / Math.max(disk, 1e-9)) +
        p.otherWrites / 2e7) *
      n(),
    net_sent_bytes_per_s: (calls * 800 + p.dumped * 100) * n(),
    net_received_bytes_per_s: (calls * 300 + p.loaded * 100) * n(),
  }
}
