// The working set no longer fits into memory: the same reads go to storage.
import type { Rule } from '../rule.ts'
import { LOCKS, MISSES, STORAGE } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { missesMore, most, not } from '../signal/view.ts'

const mechanism: Mechanism = {
  title: 'the same reads miss the buffer pool more often',
  claims: x => [
    needs(
      most(
        ...[x.rises('buffer_misses_per_s'), x.rises('data_read_bytes_per_s')],
        x.risesPer('buffer_misses_per_s', 'calls', 3),
      ),
      'more is read from storage, or more for each call',
    ),
    shows(most(missesMore(x), x.falls('buffer_hit_ratio', 1.2)), 'more of the reads miss the buffer pool', 2),
    needs(not(x.rises('buffer_reads_per_s', 1.5)), 'statements read no more than before', 2),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(x.rises('rows_read_scan_per_s', 3), 'tables are read through'),
    contradicts(x.rises('net_sent_bytes_per_s', 3), 'what is read is sent away'),
    contradicts(x.newcomers, 'many new clients came', 0.5),
  ],
  raises: [...MISSES, ...STORAGE, ...LOCKS],
  remedies: ['scale-up'],
}

export const bufferPoolSmall: Rule = { cause: 'buffer-pool-small', mechanism }
