// The host gives the database less CPU: other processes, a hypervisor that steals, exhausted credits.
import { isActive, mean } from '../../load/index.ts'
import type { Case } from '../case.ts'
import { SAME, workGrowth } from '../effort.ts'
import { jobOf } from '../job.ts'
import { beyond, cannotTell, found, type Judgement, type Rule, ramp, ruledOut, speaksFor } from '../rule.ts'
import { round1 } from '../say.ts'
import { comesAsBefore, comesMore, isNew } from '../signal/gained.ts'
import { CPU, LOCKS } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, most, not, type View } from '../signal/view.ts'
import { mostlyIn } from '../signal/waiting.ts'
import { cpuEvidence, gainer, isBusy, isCalledMore, work } from '../work.ts'
import { bufferPoolSmall } from './buffer-pool-small.ts'

const mechanism: Mechanism = {
  title: 'the database gets less CPU: others on its host take it',
  claims: x => [
    shows(
      most(x.cpuFull, x.rises('cpu_steal_pct', 3), x.falls('cpu_credit_balance', 4)),
      'the CPU is full',
      2,
    ),
    needs(
      most(
        ...[x.rises('cpu_pct'), x.rises('cpu_steal_pct', 3), x.falls('cpu_credit_balance', 4)],
        mostlyIn(x, 'aas_cpu'),
      ),
      'and was not before',
    ),
    shows(others(x), 'and not for the database, which gets no more of it than before, or does less', 3),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(
      both(x.newcomers, not(x.falls('db_cpu_pct', 1.3)), not(mostlyIn(x, 'aas_cpu') ?? 0)),
      'many new clients came',
      0.6,
    ),
    contradicts(mostlyIn(x, 'aas_lock', 'aas_commit', 'aas_io'), 'the new ones wait for something else'),
    contradicts(
      most(isNew(x.gained), comesMore(x.gained)),
      'one statement took the load that was called less before',
    ),
    contradicts(x.rises('cpu_iowait_pct'), 'the host waits for storage', 0.6),
  ],
  raises: [...CPU, ...LOCKS, 'cpu_steal_pct', 'log_fsyncs_per_s'],
  ranOut: /CPU credits/,
  remedies: ['scale-up'],
}

function others(x: View) {
  const own = x.rises('db_cpu_pct', 1.3)
  if (own !== undefined) return 1 - own
  const perCall = most(
    x.risesPer('buffer_reads_per_s', 'calls'),
    x.risesPer('rows_read_scan_per_s', 'calls', 3),
  )
  const same = both(mostlyIn(x, 'aas_cpu'), comesAsBefore(x.gained))
  return both(not(perCall), most(x.falls('buffer_reads_per_s', 1.3), x.falls('calls', 1.3), same))
}

export const cpuStarvation: Rule = { cause: 'cpu-starvation', judge, mechanism }

/** Everybody who wants CPU takes longer for the same: as many calls, no more rows and pages, and still more sessions on CPU. */
function judge(c: Case): Judgement {
  if (!c.during.some(tick => tick.sessions)) return cannotTell('sessions with what they wait for')
  const w = work(c)
  if (!isBusy(c, w))
    return ruledOut(`${round1(w.aas)} sessions at work (locks aside), no more than the CPU can serve`)
  const grown = workGrowth(c)
  if (grown === undefined || w.rateRatio === undefined)
    return cannotTell('calls, and the rows and pages they read')
  const first = gainer(c)
  if (first && isCalledMore(c, w, first)) return ruledOut('more calls came')
  if (grown >= SAME * Math.max(1, w.rateRatio))
    return ruledOut(`the database has ${round1(grown)}× the rows and pages to read or change`)
  if (w.aasBefore === 0) return cannotTell('whether everybody takes longer: nobody was seen at work before')
  if (jobOf(c, ['dump', 'load', 'flush'])) return ruledOut('the additional sessions came to do a job')
  const misses = bufferPoolSmall.judge?.(c)
  if (misses?.status === 'found') return ruledOut('the same reads miss the buffer pool more often')
  const cpu = mean(c.during.flatMap(tick => tick.signals.cpu_pct ?? []))
  if (cpu < FULL) return ruledOut(`the CPU of the host is at ${Math.round(cpu)} %`)
  return found({
    confidence: 0.55 + 0.25 * ramp(w.timeRatio ?? 1, 1.3, 3) + (Number.isNaN(cpu) ? 0 : 0.2),
    onset: c.incident.from,
    title: mechanism.title,
    because: `others on its host take the CPU: the same calls want it for ${round1(w.timeRatio ?? 1)}× as long`,
    evidence: [
      speaksFor(
        `calls come at ${round1(w.rateRatio)}× the rate of before, and read and change ${round1(grown)}× as much`,
      ),
      ...cpuEvidence(c),
    ],
    remedies: mechanism.remedies,
    gone: tick => beyond(tick, w.aasBefore, session => isActive(session) && session.waitClass !== 'Lock'),
  })
}

/** A host below this share of its CPU starves nobody, percent. */
const FULL = 80
