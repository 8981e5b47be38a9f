// Each write costs too much: superfluous indexes, triggers, foreign keys.
import type { Rule } from '../rule.ts'
import { LOCKS, LOG, MISSES, STORAGE, WRITES } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, most, not } from '../signal/view.ts'

const mechanism: Mechanism = {
  title: 'each changed row writes more than before',
  claims: x => [
    shows(
      most(x.risesPer('log_bytes_per_s', 'rows_changed_per_s', 2), x.risesPer('log_bytes_per_s', 'calls', 2)),
      'more log for each change',
      2,
    ),
    needs(
      most(
        x.risesPer('data_written_bytes_per_s', 'rows_changed_per_s', 2),
        x.risesPer('pages_flushed_per_s', 'rows_changed_per_s', 2),
      ),
      'more pages for each change',
    ),
    needs(
      most(
        ...[x.rises('log_bytes_per_s', 1.5), x.rises('data_written_bytes_per_s', 1.5)],
        x.rises('pages_flushed_per_s', 1.5),
      ),
      'more is written in all',
      2,
    ),
    needs(not(x.rises('rows_inserted_per_s', 1.5)), 'no more rows than before', 2),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(x.rises('rows_read_scan_per_s', 3), 'tables are read through', 0.7),
    contradicts(x.rises('net_sent_bytes_per_s', 3), 'results are sent away', 0.7),
    contradicts(x.newcomers, 'many new clients came', 0.6),
    contradicts(both(x.falls('calls', 8), x.falls('log_bytes_per_s', 2)), 'nothing is changed at all'),
  ],
  raises: [...LOG, ...WRITES, ...STORAGE, ...MISSES, ...LOCKS],
  remedies: [],
}

export const writeAmplification: Rule = { cause: 'write-amplification', mechanism }
