// The host gives the database less CPU: other processes, a hypervisor that steals, exhausted credits.
import type { Rule } from '../rule.ts'
import { CPU, LOCKS } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { both, most, not, type View } from '../signal/view.ts'

const mechanism: Mechanism = {
  title: 'the database gets less CPU: others on its host take it',
  claims: x => [
    shows(
      most(x.cpuFull, x.rises('cpu_steal_pct', 3), x.falls('cpu_credit_balance', 4)),
      'the CPU is full',
      2,
    ),
    needs(
      most(x.rises('cpu_pct'), x.rises('cpu_steal_pct', 3), x.falls('cpu_credit_balance', 4)),
      'and was not before',
    ),
    shows(others(x), 'and not for the database, which gets no more of it than before, or does less', 3),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(both(x.newcomers, not(x.falls('db_cpu_pct', 1.3))), 'many new clients came', 0.6),
    contradicts(x.rises('cpu_iowait_pct'), 'the host waits for storage', 0.6),
  ],
  raises: [...CPU, ...LOCKS, 'cpu_steal_pct', 'log_fsyncs_per_s'],
  remedies: ['scale-up'],
}

function others(x: View) {
  const own = x.rises('db_cpu_pct', 1.3)
  if (own !== undefined) return 1 - own
  const perCall = most(
    x.risesPer('buffer_reads_per_s', 'calls'),
    x.risesPer('rows_read_scan_per_s', 'calls', 3),
  )
  return both(not(perCall), most(x.falls('buffer_reads_per_s', 1.3), x.falls('calls', 1.3)))
}

export const cpuStarvation: Rule = { cause: 'cpu-starvation', mechanism }
