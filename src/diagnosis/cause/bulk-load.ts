// A restore or a bulk insert competes with the service.
import type { Rule } from '../rule.ts'
import { contradicts, type Mechanism, needs } from '../signal/mechanism.ts'
import { most, not } from '../signal/view.ts'

const mechanism: Mechanism = {
  title: 'one session loads rows: a restore or a bulk insert',
  claims: x => [
    needs(x.rises('rows_inserted_per_s', 3), 'many more rows are inserted', 2),
    needs(x.risesPer('rows_inserted_per_s', 'calls', 4), 'far more than there are calls'),
    needs(
      most(
        x.rises('log_bytes_per_s', 2),
        x.rises('data_written_bytes_per_s', 1.5),
        x.rises('disk_write_bytes_per_s', 1.5),
      ),
      'more is written',
    ),
    needs(not(x.newcomers), 'by one session or two', 2),
    contradicts(x.rises('rows_read_scan_per_s', 4), 'tables are read through', 0.5),
    contradicts(x.rises('net_sent_bytes_per_s', 3), 'results are sent away', 0.5),
    contradicts(x.rises('calls', 1.5), 'more calls of every kind', 0.6),
  ],
  raises: [
    ...(['rows_inserted_per_s', 'rows_changed_per_s', 'log_bytes_per_s', 'log_writes_per_s'] as const),
    ...([
      'log_fsyncs_per_s',
      'pages_flushed_per_s',
      'data_written_bytes_per_s',
      'disk_writes_per_s',
    ] as const),
    ...([
      'disk_write_bytes_per_s',
      'disk_util_pct',
      'disk_queue_depth',
      'buffer_reads_per_s',
      'aas_io',
    ] as const),
    ...(['net_received_bytes_per_s', 'lock_waiters', 'cpu_iowait_pct', 'db_cpu_pct', 'aas_commit'] as const),
  ],
  remedies: [],
}

export const bulkLoad: Rule = { cause: 'bulk-load', mechanism }
