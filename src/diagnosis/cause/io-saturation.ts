// Storage is the bottleneck: a throttled volume, an exhausted balance, another process that writes.
import { isActive } from '../../load/index.ts'
import type { Tick } from '../../model/index.ts'
import { type Case, meanOver } from '../case.ts'
import { DEARER, missGrowth, ratioOf, SAME, workGrowth } from '../effort.ts'
import { beyond, cannotTell, found, type Judgement, type Rule, ramp, ruledOut, speaksFor } from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { LOCKS, MISSES, STORAGE, WRITES } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, least, missesMore, most, not, type View } from '../signal/view.ts'
import { mostlyIn, unless } from '../signal/waiting.ts'
import { tally } from '../tally.ts'
import { hasGrown, work } from '../work.ts'

const mechanism: Mechanism = {
  title: 'storage is the bottleneck, and not by what the database asks of it',
  claims: x => [
    shows(
      most(
        ...[x.rises('cpu_iowait_pct', 1.5), x.rises('aas_io'), x.rises('disk_queue_depth')],
        ...[x.rises('disk_write_latency_ms'), x.rises('disk_read_latency_ms')],
        ...[
          x.falls('ebs_io_balance_pct', 4),
          x.falls('ebs_byte_balance_pct', 4),
          x.falls('burst_balance_pct', 4),
        ],
      ),
      'the host waits for storage, or its balance runs out',
      2,
    ),
    needs(x.slower, 'calls fall or take longer'),
    needs(asksNoMore(x), 'the database itself asks no more of it than before', 3),
    contradicts(
      both(x.falls('disk_util_pct', 1.1), not(x.rises('disk_queue_depth'))),
      'the disk has less to do',
      0.7,
    ),
    contradicts(x.rises('rows_read_scan_per_s', 3), 'the database reads through its tables', 0.7),
    contradicts(x.rises('rows_inserted_per_s', 3), 'rows are loaded', 0.7),
    contradicts(x.rises('buffer_reads_per_s'), 'statements read more', 0.5),
    contradicts(missesMore(x), 'more of the reads miss the buffer pool', 0.7),
    // Pools open more connections when their calls wait for storage: those ask for nothing new.
    contradicts(unless(x.newcomers, mostlyIn(x, 'aas_io')), 'many new clients came', 0.5),
  ],
  raises: [
    ...STORAGE,
    ...WRITES,
    ...MISSES,
    ...LOCKS,
    'cpu_pct',
    'cpu_system_pct',
    'aas_commit',
    'log_pending',
  ],
  ranOut: /I\/O operations|storage throughput|the volume|can move for ever/,
  remedies: [],
}

/** By its own counters; where they are not known by the operations of the disk, if those are no more. */
function asksNoMore(x: View) {
  const own = least(
    ...[not(x.rises('data_written_bytes_per_s')), not(x.rises('pages_flushed_per_s'))],
    ...[not(x.rises('log_bytes_per_s')), not(x.rises('buffer_misses_per_s'))],
    not(x.rises('data_read_bytes_per_s')),
  )
  const disk = both(not(x.rises('disk_reads_per_s', 1.3)), not(x.rises('disk_writes_per_s', 1.3)))
  return own ?? (disk && disk > 0.5 ? disk : undefined)
}

export const ioSaturation: Rule = { cause: 'io-saturation', judge, mechanism }

/** Share of the additional sessions, locks aside, that have to wait for storage. */
const MAIN_MATTER = 0.5

/** Sessions wait for storage, and neither ask more of it nor miss the buffer pool more often. */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with what they wait for')
  const waiting = (tick: Tick) => tally(tick).byWaitClass?.IO ?? 0
  const [before, during] = [meanOver(c.before, waiting), meanOver(c.during, waiting)]
  const w = work(c)
  const share = (during - before) / Math.max(w.aas - w.aasBefore, 1e-9)
  if (!hasGrown({ aas: during, aasBefore: before }) || share < MAIN_MATTER)
    return ruledOut(`${round1(during)} sessions wait for storage, before it ${round1(before)}`)
  const [grown, misses] = [workGrowth(c), ratioOf(c, ['buffer_misses_per_s']) ?? 1]
  if (grown === undefined) return cannotTell('the rows and pages that are read and changed')
  if (Math.max(grown, misses) >= SAME * Math.max(1, w.rateRatio ?? 1))
    return ruledOut(`the database asks ${round1(Math.max(grown, misses))}× as much of it`)
  const missed = missGrowth(c) ?? 1
  if (missed >= DEARER) return ruledOut(`${round1(missed)}× as many of the reads miss the buffer pool`)
  return found({
    confidence: 0.6 + 0.4 * ramp(share, MAIN_MATTER, 0.8),
    onset: c.incident.from,
    title: mechanism.title,
    because: `${round1(during)} sessions at once wait for storage, of which the database asks no more than before`,
    evidence: [
      speaksFor(
        `waiting for storage: ${round1(before)} → ${round1(during)} sessions, ${percent(Math.min(1, share))} of the additional load`,
      ),
      speaksFor(`rows and pages that are read or changed: ${round1(grown)}× of before`),
    ],
    remedies: mechanism.remedies,
    gone: tick => beyond(tick, before, session => isActive(session) && session.waitClass === 'IO'),
  })
}
