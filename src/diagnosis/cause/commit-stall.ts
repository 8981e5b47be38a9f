// Commits wait for the log to reach the disk, or for a standby to answer.
import type { Rule } from '../rule.ts'
import { LOCKS } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { most } from '../signal/view.ts'

const mechanism: Mechanism = {
  title: 'commits wait for the log',
  claims: x => [
    shows(
      most(x.rises('aas_commit', 3), x.rises('log_pending', 3)),
      'sessions wait for the log to be flushed',
      2,
    ),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(x.rises('log_bytes_per_s'), 'more is written to the log', 0.6),
    contradicts(x.rises('cpu_pct'), 'the CPU has more to do', 0.5),
    contradicts(
      x.risesPer('pages_flushed_per_s', 'rows_changed_per_s', 4),
      'pages are written back that nobody changes now',
      0.7,
    ),
    contradicts(x.rises('buffer_misses_per_s'), 'more is read from storage', 0.5),
    contradicts(x.rises('aas_io'), 'sessions wait for data files as well', 0.6),
    contradicts(
      most(x.rises('disk_queue_depth'), x.rises('cpu_iowait_pct'), x.rises('disk_write_bytes_per_s', 3)),
      'all of the storage is busier',
      0.6,
    ),
  ],
  raises: [...LOCKS, 'aas_commit', 'log_pending', 'disk_write_latency_ms'],
  remedies: [],
}

export const commitStall: Rule = { cause: 'commit-stall', mechanism }
