// A dump or a backup reads through the data and sends it away.
import type { Case } from '../case.ts'
import { jobFinding, jobOf } from '../job.ts'
import { cannotTell, found, type Judgement, type Rule, ramp, ruledOut } from '../rule.ts'
import { does } from '../signal/gained.ts'
import { MISSES, STORAGE, WRITES } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, least, most, not, type View } from '../signal/view.ts'
import { unless } from '../signal/waiting.ts'

const mechanism: Mechanism = {
  title: 'one session reads through the data and sends it away: a dump or a backup',
  claims: x => [
    shows(
      most(x.rises('rows_read_scan_per_s', 4), x.rises('aas_io', 3), dumps(x)),
      'tables are read through',
      2,
    ),
    needs(most(x.rises('net_sent_bytes_per_s', 2), dumps(x)), 'what is read is sent away', 2),
    needs(
      most(
        x.rises('data_read_bytes_per_s', 1.5),
        x.rises('disk_read_bytes_per_s'),
        x.risesPer('buffer_misses_per_s', 'calls', 4),
        dumps(x),
      ),
      'data that nobody else reads comes from storage',
    ),
    needs(most(not(x.newcomers), dumps(x)), 'by one session or two'),
    contradicts(
      least(x.falls('data_read_bytes_per_s', 1.5), x.falls('buffer_misses_per_s', 1.5)),
      'less is read from storage',
      0.6,
    ),
    contradicts(x.rises('rows_inserted_per_s', 2), 'rows are written', 0.7),
    contradicts(x.rises('log_bytes_per_s', 2), 'the log grows faster', 0.5),
    contradicts(
      unless(most(x.rises('lock_wait_ms_per_s', 1.5), x.rises('aas_lock', 2)), dumps(x)),
      'sessions wait for row locks',
      0.6,
    ),
    contradicts(
      both(x.rises('calls', 1.3), x.rises('rows_changed_per_s', 1.3)),
      'more calls of every kind',
      0.6,
    ),
  ],
  ofStatement: true,
  raises: [
    ...MISSES,
    ...STORAGE,
    ...WRITES,
    'rows_read_scan_per_s',
    'buffer_reads_per_s',
    'net_sent_bytes_per_s',
    'aas_client',
    'lock_waiters',
  ],
  remedies: [],
}

/** One statement that sends whole tables took the additional load. */
const dumps = (x: View) => does(x.gained, 'dump')

export const backup: Rule = { cause: 'backup', judge, mechanism }

/** A dump program asks for all of every table. */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with their statements')
  const job = jobOf(c, ['dump'])
  if (!job) return ruledOut('no more sessions than before send whole tables away')
  return found({
    ...jobFinding(c, job, 'read through whole tables and send them away'),
    confidence: 0.6 + 0.4 * ramp(job.share, 0.4, 0.8),
    title: mechanism.title,
    remedies: mechanism.remedies,
  })
}
