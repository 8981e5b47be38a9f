// What dearer calls do to the counters.

import { comesMore, does, isNew } from './gained.ts'
import { CPU, LOCKS, MISSES, READS, STORAGE } from './group.ts'
import { contradicts, type Mechanism, needs, shows } from './mechanism.ts'
import type { Quantity } from './table.ts'
import { both, least, most, not, scaled, type View } from './view.ts'
import { mostlyIn, nobodyMore } from './waiting.ts'

export const dearerCalls: Mechanism = {
  title: 'each call costs more work than before',
  claims: x => [
    needs(most(busier(x), onCpu(x)), 'the database works more: CPU, reads', 2),
    shows(most(dearer(x), onCpu(x)), 'more for each call', 2),
    needs(not(x.rises('calls', 1.5)), 'no more calls than before'),
    contradicts(both(x.rises('cpu_pct', 1.5), x.falls('db_cpu_pct', 1.3)), 'others take the CPU'),
    contradicts(x.rises('rows_inserted_per_s', 3), 'rows are loaded', 0.8),
    contradicts(x.rises('net_sent_bytes_per_s', 4), 'what is read is sent away', 0.8),
    contradicts(both(x.falls('buffer_reads_per_s', 1.5), x.falls('db_cpu_pct', 1.3)), 'statements do less'),
    contradicts(mostlyIn(x, 'aas_lock', 'aas_commit'), 'the new ones wait for locks and commits'),
    contradicts(comesMore(x.gained), 'one statement took the load, and is called more often'),
    contradicts(does(x.gained, 'dump', 'load', 'flush'), 'one statement took the load, and does a job'),
    contradicts(nobodyMore(x), 'no more sessions are at work than before', 0.8),
  ],
  kind: x =>
    (most(x.rises('rows_read_scan_per_s', 3), x.rises('buffer_reads_per_s', 3)) ?? 0) > 0.5
      ? 'missing-index'
      : 'new-statement',
  raises: [...CPU, ...READS, ...MISSES, ...STORAGE, ...LOCKS, 'aas_lwlock'],
  ofStatement: true,
  remedies: ['mend-statement', 'scale-up', 'max-connections'],
}

/** A statement that nobody called before is on CPU: dearer than nothing. */
const onCpu = (x: View) => both(mostlyIn(x, 'aas_cpu'), isNew(x.gained))

/** CPU is the statements' only where it is known to be the database's; the host's may be anybody's. */
const ANYBODYS = 0.6
const cpuBusier = (x: View) => x.rises('db_cpu_pct', 1.6) ?? scaled(x.rises(hostCpu(x), 1.6), ANYBODYS)
const hostCpu = (x: View) => (x.during('cpu_user_pct') === undefined ? 'cpu_pct' : 'cpu_user_pct')

const busier = (x: View) =>
  most(cpuBusier(x), x.rises('buffer_reads_per_s', 3), x.rises('rows_read_scan_per_s', 4))

/** Rows that are changed are work as well: many of them in one call make it no dearer than it is. */
const perCall = (x: View, quantity: Quantity, by: number) =>
  least(x.risesPer(quantity, 'calls', by), x.risesPer(quantity, 'rows_changed_per_s', by))

/** Reads and rows are counted where the work is done. Where they are, the host's CPU says nothing on top. */
function dearer(x: View) {
  const counted = most(
    ...[perCall(x, 'buffer_reads_per_s', 3), perCall(x, 'rows_read_scan_per_s', 4)],
    ...[x.during('db_cpu_pct') === undefined ? undefined : perCall(x, 'db_cpu_pct', 2)],
  )
  return counted ?? scaled(perCall(x, hostCpu(x), 2), ANYBODYS)
}
