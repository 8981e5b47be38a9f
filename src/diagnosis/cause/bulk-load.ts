// A restore or a bulk insert competes with the service.
import type { Case } from '../case.ts'
import { ratioOf } from '../effort.ts'
import { jobFinding, jobOf } from '../job.ts'
import { cannotTell, found, type Judgement, type Rule, ruledOut } from '../rule.ts'
import { round1 } from '../say.ts'
import { does } from '../signal/gained.ts'
import { LOCKS, LOG, ROWS, STORAGE, WRITES } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { most, not, type View } from '../signal/view.ts'
import { unless } from '../signal/waiting.ts'
import { ramp } from '../weigh.ts'

const mechanism: Mechanism = {
  title: 'one session loads rows: a restore or a bulk insert',
  claims: x => [
    shows(x.rises('rows_inserted_per_s', 3), 'many more rows are inserted', 2),
    needs(addedPerCall(x), 'more on top than there are calls'),
    needs(
      most(
        x.rises('log_bytes_per_s', 2),
        x.rises('data_written_bytes_per_s', 1.5),
        x.rises('disk_write_bytes_per_s', 1.5),
        loads(x),
      ),
      'more is written',
    ),
    needs(most(not(x.newcomers), loads(x)), 'by one session or two', 2),
    contradicts(unless(x.rises('rows_read_scan_per_s', 4), loads(x)), 'tables are read through', 0.5),
    contradicts(x.rises('net_sent_bytes_per_s', 3), 'results are sent away', 0.5),
    contradicts(x.rises('calls', 1.5), 'more calls of every kind', 0.6),
  ],
  ofStatement: true,
  raises: [
    ...LOG,
    ...WRITES,
    ...STORAGE,
    ...ROWS,
    ...LOCKS,
    'buffer_reads_per_s',
    'net_received_bytes_per_s',
    'db_cpu_pct',
  ],
  remedies: [],
}

/** One statement that makes or carries rows took the additional load. */
const loads = (x: View) => does(x.gained, 'load')

/** Whoever loads rows does it by the hundred; a service inserts a few in each call. */
function addedPerCall(x: View) {
  const [before, during, calls] = [
    x.before('rows_inserted_per_s'),
    x.during('rows_inserted_per_s'),
    x.during('calls'),
  ]
  if (before === undefined || during === undefined || calls === undefined) return undefined
  return ramp(during - before, calls / 2, 3 * calls)
}

export const bulkLoad: Rule = { cause: 'bulk-load', judge, mechanism }

/** Rows come in by the hundred, in statements that make them or carry them. */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with their statements')
  const job = jobOf(c, ['load'])
  if (!job) return ruledOut('no more sessions than before load rows')
  const rows = ratioOf(c, ['rows_inserted_per_s'])
  if (rows !== undefined && rows < MORE_ROWS)
    return ruledOut(`no more rows are inserted than before (${round1(rows)}×)`)
  return found({
    ...jobFinding(c, job, 'load rows'),
    confidence: 0.6 + (rows === undefined ? 0 : 0.2) + 0.2 * ramp(job.share, 0.4, 0.8),
    title: mechanism.title,
    remedies: mechanism.remedies,
  })
}

/** A load is more rows, not rows that cost more. */
const MORE_ROWS = 2
