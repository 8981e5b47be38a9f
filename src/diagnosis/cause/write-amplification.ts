// Each write costs too much: superfluous indexes, triggers, foreign keys.
import { isActive } from '../../load/index.ts'
import type { Case } from '../case.ts'
import { DEARER, growth, ratioOf, rowsReadGrowth } from '../effort.ts'
import { beyond, cannotTell, found, type Judgement, type Rule, ramp, ruledOut, speaksFor } from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { type Shape, shapeOf } from '../shape.ts'
import { LOCKS, LOG, MISSES, STORAGE, WRITES } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, most, not } from '../signal/view.ts'
import { gainer, hasGrown, work } from '../work.ts'

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

export const writeAmplification: Rule = { cause: 'write-amplification', judge, mechanism }

/**
 * A writing statement takes longer, changes as many rows as before, and touches more pages for them; and not because it reads
 * more rows to find them, which would be a missing index.
 */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with their statements')
  const w = work(c)
  const most = hasGrown(w) ? gainer(c) : undefined
  if (!most || most.share < GAIN || !WRITES_ROWS.includes(shapeOf(most.statement)))
    return ruledOut('no statement that writes took the additional load')
  const [rows, pages] = [ratioOf(c, ['rows_changed_per_s']), pagesGrowth(c)]
  if (rows === undefined || pages === undefined) return cannotTell('rows changed, and pages touched for them')
  const each = pages / Math.max(1, rows)
  if (each < DEARER) return ruledOut(`a changed row touches ${round1(each)}× the pages of before`)
  if (rowsReadGrowth(c) > growth(c, ['buffer_reads_per_s']))
    return ruledOut('more rows are read to find those that are changed')
  return found({
    confidence: 0.55 + 0.25 * ramp(each, DEARER, 5) + 0.2 * ramp(most.share, GAIN, 0.9),
    onset: c.incident.from,
    title: mechanism.title,
    because: `each row that statement ${most.statementId} changes costs ${round1(each)}× the pages of before: there are more indexes to write`,
    evidence: [
      speaksFor(
        `statement ${most.statementId} takes ${percent(Math.min(1, most.share))} of the additional load`,
      ),
      speaksFor(`rows changed: ${round1(rows)}× of before; pages for them ${round1(pages)}×`),
    ],
    subject: { statementId: most.statementId, ...(most.statement ? { statement: most.statement } : {}) },
    remedies: mechanism.remedies,
    gone: tick =>
      beyond(tick, most.before, session => isActive(session) && session.statementId === most.statementId),
  })
}

/** Share of the load's growth that the statement must have gained. */
const GAIN = 0.5
const WRITES_ROWS: readonly (Shape | undefined)[] = ['write', 'load']

/** Pages touched, or log written; the larger growth of both. */
function pagesGrowth(c: Case): number | undefined {
  const ratios = [ratioOf(c, ['buffer_reads_per_s']), ratioOf(c, ['log_bytes_per_s'])].filter(
    ratio => ratio !== undefined,
  )
  return ratios.length > 0 ? Math.max(...ratios) : undefined
}
