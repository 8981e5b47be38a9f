// The working set no longer fits into memory: the same reads go to storage.
import { isActive } from '../../load/index.ts'
import type { Case } from '../case.ts'
import { DEARER, missGrowth, missShare, ratioOf, SAME, workGrowth } from '../effort.ts'
import { beyond, cannotTell, found, type Judgement, type Rule, ramp, ruledOut, speaksFor } from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { LOCKS, MISSES, STORAGE } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { least, missesMore, most, not } from '../signal/view.ts'
import { mostlyIn, unless } from '../signal/waiting.ts'
import { hasGrown, work } from '../work.ts'

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
    needs(
      not(least(x.rises('buffer_reads_per_s', 1.5), x.risesPer('buffer_reads_per_s', 'calls', 1.5))),
      'statements read no more than before',
      2,
    ),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(x.rises('rows_read_scan_per_s', 3), 'tables are read through'),
    contradicts(x.rises('net_sent_bytes_per_s', 3), 'what is read is sent away'),
    // Pools open more connections when their calls wait for storage: those ask for nothing new.
    contradicts(unless(x.newcomers, mostlyIn(x, 'aas_io')), 'many new clients came', 0.5),
  ],
  raises: [...MISSES, ...STORAGE, ...LOCKS],
  remedies: ['scale-up'],
}

export const bufferPoolSmall: Rule = { cause: 'buffer-pool-small', judge, mechanism }

/** Below this share of misses among the reads the buffer pool is large enough, and from this one on it is far too small. */
const FEW_MISSES = 0.005
const MANY_MISSES = 0.03

/** Everybody asks for what they always asked for, and it is no longer in memory. */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with what they wait for')
  const w = work(c)
  if (!hasGrown(w))
    return ruledOut(`${round1(w.aas)} sessions at work (locks aside), before it ${round1(w.aasBefore)}`)
  const [missed, share, grown] = [missGrowth(c), missShare(c), workGrowth(c)]
  if (missed === undefined || share === undefined || grown === undefined)
    return cannotTell('reads, and those of them that miss the buffer pool')
  if (missed < DEARER || share < FEW_MISSES)
    return ruledOut(`${percent(share)} of the reads miss the buffer pool, ${round1(missed)}× of before`)
  if (grown >= SAME * Math.max(1, w.rateRatio ?? 1))
    return ruledOut(`statements read or change ${round1(grown)}× as much`)
  const size = ratioOf(c, ['buffer_size_bytes']) ?? 1
  return found({
    confidence: 0.6 + 0.3 * ramp(share, FEW_MISSES, MANY_MISSES) + (size < 0.8 ? 0.1 : 0),
    onset: c.incident.from,
    title: mechanism.title,
    because: `the same reads miss the buffer pool ${round1(missed)}× as often: ${percent(share)} of them go to storage`,
    evidence: [
      speaksFor(
        `reads that miss the buffer pool, of all: ${round1(missed)}× of before, now ${percent(share)}`,
      ),
      speaksFor(`statements read and change ${round1(grown)}× what they did`),
      ...(size < 0.8 ? [speaksFor(`the buffer pool has ${percent(size)} of the size of before`)] : []),
    ],
    remedies: mechanism.remedies,
    gone: tick => beyond(tick, w.aasBefore, session => isActive(session) && session.waitClass !== 'Lock'),
  })
}
