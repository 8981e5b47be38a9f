import { test } from 'vitest'
import { FAULTS, modelled, ordinary, type Style } from '../../../test/kit/database.ts'
import { T0 } from '../../../test/kit/evidence.ts'
import { diagnose } from '../index.ts'

const SOURCES = {
  everything: [
    'aas',
    'aas_cpu',
    'aas_io',
    'aas_lock',
    'aas_commit',
    'connections',
    'commits_per_s',
    'latency_ms',
    'rows_read_scan_per_s',
    'rows_inserted_per_s',
    'rows_changed_per_s',
    'lock_waiters',
    'log_bytes_per_s',
    'log_fsyncs_per_s',
    'buffer_reads_per_s',
    'buffer_misses_per_s',
    'buffer_hit_ratio',
    'pages_flushed_per_s',
    'data_written_bytes_per_s',
    'data_read_bytes_per_s',
    'cpu_pct',
    'db_cpu_pct',
    'cpu_iowait_pct',
    'disk_writes_per_s',
    'disk_reads_per_s',
    'disk_write_bytes_per_s',
    'disk_write_latency_ms',
    'disk_queue_depth',
    'net_sent_bytes_per_s',
    'net_received_bytes_per_s',
  ],
  mysql: [
    'aas',
    'connections',
    'commits_per_s',
    'latency_ms',
    'rows_read_scan_per_s',
    'rows_inserted_per_s',
    'rows_changed_per_s',
    'lock_waiters',
    'log_bytes_per_s',
    'log_fsyncs_per_s',
    'buffer_reads_per_s',
    'buffer_misses_per_s',
    'pages_flushed_per_s',
    'data_written_bytes_per_s',
    'cpu_pct',
    'cpu_iowait_pct',
    'disk_writes_per_s',
    'disk_reads_per_s',
    'disk_write_bytes_per_s',
    'net_sent_bytes_per_s',
    'net_received_bytes_per_s',
  ],
  postgres: [
    'aas',
    'aas_cpu',
    'aas_io',
    'aas_lock',
    'aas_commit',
    'connections',
    'commits_per_s',
    'rows_read_scan_per_s',
    'rows_inserted_per_s',
    'rows_changed_per_s',
    'log_bytes_per_s',
    'buffer_reads_per_s',
    'buffer_misses_per_s',
    'pages_flushed_per_s',
    'cpu_pct',
  ],
  cloud: [
    'aas',
    'aas_cpu',
    'aas_io',
    'aas_lock',
    'aas_commit',
    'connections',
    'commits_per_s',
    'cpu_pct',
    'disk_writes_per_s',
    'disk_reads_per_s',
    'disk_write_bytes_per_s',
    'disk_write_latency_ms',
    'disk_queue_depth',
    'net_sent_bytes_per_s',
    'net_received_bytes_per_s',
  ],
} as const
const SCALES = {
  small: { ...ordinary, clients: 12, cores: 2, disks: 1 },
  ordinary,
  large: { ...ordinary, clients: 900, cores: 64, disks: 64 },
  saturated: { ...ordinary, clients: 300, think: 10 },
}
const TICKS = {
  '1s': [120, 1000, [40, 80]],
  '5s': [30, 5000, [10, 22]],
  ongoing: [90, 1000, [60, 90]],
  day: [600, 60000, [400, 430]],
} as const

test('score', () => {
  const lines: string[] = []
  for (const [sn, signals] of Object.entries(SOURCES)) {
    let right = 0,
      n = 0,
      iou = 0,
      alarms = 0,
      calm = 0
    const miss: Record<string, Record<string, number>> = {}
    for (const [, p] of Object.entries(SCALES))
      for (const [, [ticks, tickMs, w]] of Object.entries(TICKS)) {
        for (const seed of [1, 2]) {
          const style: Style = { ticks, tickMs, signals, seed }
          for (const [cause, fault] of Object.entries(FAULTS)) {
            const d = diagnose(modelled(p, fault, w, style), T0)
            n++
            const first = d.findings[0]?.cause ?? d.outcome
            if (first === cause) right++
            else (miss[cause] ??= {})[first] = (miss[cause]![first] ?? 0) + 1
            if (d.incident) {
              const a = (d.incident.from - T0) / tickMs,
                b = (d.incident.to - T0) / tickMs
              iou +=
                Math.max(0, Math.min(b, w[1]) - Math.max(a, w[0])) / (Math.max(b, w[1]) - Math.min(a, w[0]))
            }
          }
        }
        for (let seed = 10; seed < 20; seed++) {
          calm++
          const d = diagnose(modelled(p, undefined, w, { ticks, tickMs, signals, seed }), T0)
          if (d.outcome !== 'healthy') {
            alarms++
          }
        }
      }
    lines.push(
      `${sn}: ${right}/${n} iou ${(iou / n).toFixed(2)} alarms ${alarms}/${calm} ${JSON.stringify(miss)}`,
    )
  }
  process.stdout.write(lines.join('\n'))
}, 600000)
