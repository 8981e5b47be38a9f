// The same calls became dearer, or a dear statement appeared.
import type { Case } from '../case.ts'
import {
  beyond,
  cannotTell,
  type Found,
  found,
  isMissing,
  type Judgement,
  type Rule,
  ramp,
  ruledOut,
  speaksFor,
} from '../rule.ts'
import { percent, round1 } from '../say.ts'
import { contradicts, type Mechanism, needs } from '../signal/mechanism.ts'
import type { Quantity } from '../signal/table.ts'
import { both, least, most, not, scaled, type View } from '../signal/view.ts'
import { cpuEvidence, type Gainer, isBusy, SURGE, type Work, work } from '../work.ts'

/** Share of the load's growth that one statement must have gained. */
const GAIN = 0.5
/** AAS before the incident below which a statement counts as new. */
const NEW = 0.05

const mechanism: Mechanism = {
  title: 'each call costs more work than before',
  claims: x => [
    needs(busier(x), 'the database works more: CPU, reads', 2),
    needs(dearer(x), 'more for each call', 2),
    needs(not(x.rises('calls', 1.5)), 'no more calls than before'),
    contradicts(both(x.rises('cpu_pct', 1.5), x.falls('db_cpu_pct', 1.3)), 'others take the CPU'),
    contradicts(x.rises('rows_inserted_per_s', 3), 'rows are loaded', 0.8),
    contradicts(x.rises('net_sent_bytes_per_s', 4), 'what is read is sent away', 0.8),
    contradicts(both(x.falls('buffer_reads_per_s', 1.5), x.falls('db_cpu_pct', 1.3)), 'statements do less'),
  ],
  kind: x =>
    (most(x.rises('rows_read_scan_per_s', 3), x.rises('buffer_reads_per_s', 3)) ?? 0) > 0.5
      ? 'missing-index'
      : 'new-statement',
  raises: [
    ...([
      'cpu_pct',
      'cpu_user_pct',
      'cpu_system_pct',
      'db_cpu_pct',
      'aas_cpu',
      'runnable_processes',
    ] as const),
    ...([
      'buffer_reads_per_s',
      'buffer_misses_per_s',
      'data_read_bytes_per_s',
      'aas_io',
      'aas_lwlock',
    ] as const),
    ...([
      'rows_read_scan_per_s',
      'rows_read_index_per_s',
      'disk_reads_per_s',
      'disk_read_bytes_per_s',
    ] as const),
    ...([
      'disk_util_pct',
      'cpu_iowait_pct',
      'lock_waiters',
      'lock_wait_ms_per_s',
      'context_switches_per_s',
    ] as const),
  ],
  remedies: ['mend-statement', 'scale-up', 'max-connections'],
}

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

export const queryRegression: Rule = { cause: 'query-regression', judge, mechanism }

function judge(c: Case): Judgement {
  const w = work(c)
  if (!isBusy(c, w))
    return ruledOut(`${round1(w.aas)} sessions at work (locks aside), before it ${round1(w.aasBefore)}`)
  if (w.rateRatio === undefined) return cannotTell('the rate of transactions before and during the incident')
  if (w.rateRatio >= SURGE)
    return ruledOut(`the calls grew ${round1(w.rateRatio)}×: more work rather than dearer work`)
  if (!w.gainer || w.gainer.share < GAIN) return ruledOut('no single statement took the additional load')
  return found(finding(c, w, w.gainer, w.rateRatio))
}

function finding(c: Case, w: Work, gainer: Gainer, rate: number): Found {
  const isNew = gainer.before < NEW
  const name = `statement ${gainer.statementId}`
  const grew = isNew
    ? 'took too little to be sampled before'
    : `takes ${round1(gainer.during / gainer.before)}× the load of before`
  return {
    kind: scanGrew(c) ? 'missing-index' : isNew ? 'new-statement' : 'plan-change',
    confidence: 0.5 + 0.3 * ramp(gainer.share, GAIN, 0.9) + 0.2 * ramp(w.timeRatio ?? 1, 1.2, 3),
    onset: c.incident.from,
    title: `${name} ${grew}: ${round1(gainer.during)} sessions at once`,
    because: `${name} ${grew}, while calls come at ${round1(rate)}× the rate of before`,
    evidence: [
      speaksFor(
        `${percent(Math.min(1, gainer.share))} of the additional load is ${name} (AAS ${round1(gainer.before)} → ${round1(gainer.during)})`,
      ),
      ...(w.timeRatio === undefined
        ? []
        : [speaksFor(`time a transaction: ${round1(w.timeRatio)}× of before`)]),
      ...(scanGrew(c) ? [speaksFor('rows read by scans grew with it: an index is missing or not used')] : []),
      ...(isNew
        ? [
            isMissing(
              'calls of each statement (pg_stat_statements) would tell a new statement from one that became dear',
            ),
          ]
        : []),
      ...cpuEvidence(c),
    ],
    subject: {
      statementId: gainer.statementId,
      ...(gainer.statement ? { statement: gainer.statement } : {}),
    },
    remedies: ['mend-statement', 'scale-up', 'max-connections'],
    gone: tick =>
      beyond(
        tick,
        gainer.before,
        session => session.statementId === gainer.statementId && session.state === 'active',
      ),
  }
}

/** Rows read by sequential scans grew at least threefold. */
function scanGrew({ before, during }: Case): boolean {
  const level = (ticks: Case['during']) => {
    const rates = ticks.flatMap(tick => tick.signals.rows_read_scan_per_s ?? [])
    return rates.length > 0 ? rates.reduce((sum, n) => sum + n, 0) / rates.length : 0
  }
  return level(during) > 3 * level(before) && level(during) > 0
}
