// What a queue for locks does to the counters.
import { ramp } from '../weigh.ts'
import { LOCKS, NETWORK, READS } from './group.ts'
import { contradicts, type Mechanism, needs, shows } from './mechanism.ts'
import { both, most, not, type View } from './view.ts'
import { commitsWait, holderIdles, mostlyIn, unless } from './waiting.ts'

/** Share of the sessions at work below which waiting for locks is a side matter, and from which it is what they do. */
const SIDE_MATTER = 0.2
const MAIN_MATTER = 0.7

export const lockQueue: Mechanism = {
  title: 'sessions wait for locks, and less gets done',
  claims: x => [
    shows(
      most(
        ...[x.rises('lock_wait_ms_per_s', 1.6), x.risesPer('lock_wait_ms_per_s', 'lock_waits_per_s')],
        ...[x.rises('aas_lock'), x.rises('lock_waiters', 1.4)],
      ),
      'more time is spent waiting for locks',
      2,
    ),
    needs(x.slower, 'calls fall or take longer'),
    needs(
      most(x.falls('calls', 1.5), not(waitingShare(x, 'before')), mostlyIn(x, 'aas_lock')),
      'which they did not do before, or less gets done now',
    ),
    needs(waitingShare(x), 'that is where the sessions are', 2),
    contradicts(
      both(waitingShare(x, 'before'), fallsForTheOthers(x)),
      'they waited before as well, and who does not wait gets less done too',
      0.8,
    ),
    contradicts(commitsWait(x), 'who holds them waits for its commit'),
    contradicts(holderIdles(x), 'who holds them does nothing', 0.6),
    contradicts(x.falls('aas', 1.1), 'fewer sessions are at work', 0.8),
    ...elsewhere(x).map(claim => ({ ...claim, degree: unless(claim.degree, mostlyIn(x, 'aas_lock')) })),
  ],
  raises: [...LOCKS, ...READS, ...NETWORK, 'rollbacks_per_s', 'connections_idle_in_transaction'],
  remedies: ['lock-timeout', 'scale-up', 'max-connections'],
}

/** Other work that would account for it, where nobody tells on what the additional sessions wait. */
const elsewhere = (x: View) => [
  contradicts(x.rises('calls', 1.3), 'more gets done than before'),
  contradicts(most(x.rises('db_cpu_pct', 1.6), x.rises('cpu_pct', 1.6)), 'the CPU has more to do', 0.6),
  contradicts(x.rises('log_bytes_per_s', 1.5), 'more is written', 0.6),
  contradicts(x.rises('rows_inserted_per_s', 3), 'rows are loaded', 0.7),
  contradicts(
    most(x.rises('cpu_iowait_pct'), x.rises('disk_write_bytes_per_s', 3)),
    'the host waits for storage',
    0.6,
  ),
]

type Side = 'before' | 'during'

/** Sessions that wait for a lock, of those at work. */
function waitingShare(x: View, when: Side = 'during') {
  const [waiting, working] = [waitingIn(x, when), x[when]('aas')]
  return waiting === undefined || !working ? undefined : ramp(waiting / working, SIDE_MATTER, MAIN_MATTER)
}

const waitingIn = (x: View, when: Side) => x[when]('aas_lock') ?? x[when]('lock_waiters')

/** A lock holds up who waits for it. Those who do not are as quick as ever; where they are not, something else holds up everybody. */
function fallsForTheOthers(x: View) {
  const eachOne = (when: Side) => {
    const [calls, working, waiting] = [x[when]('calls'), x[when]('aas'), waitingIn(x, when)]
    if (calls === undefined || working === undefined || waiting === undefined) return undefined
    return calls / Math.max(1, working - waiting)
  }
  const [before, during] = [eachOne('before'), eachOne('during')]
  if (before === undefined || during === undefined) return undefined
  return ramp(before / Math.max(during, before / 100), 2, 6)
}
