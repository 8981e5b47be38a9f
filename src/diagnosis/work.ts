// Load as work: how many calls, how long each, and which statements it goes to.
import { deviation, mean } from '../load/index.ts'
import type { EvidenceItem, SessionSample, Tick } from '../model/index.ts'
import { callsOf, growthOf } from './calls.ts'
import type { Case } from './case.ts'
import { workGrowth } from './effort.ts'
import { isMissing, speaksAgainst, speaksFor } from './rule.ts'
import { round1 } from './say.ts'
import { tally } from './tally.ts'

/**
 * Growth of the calls from which there is more work rather than dearer work. A saturated server cannot answer many more
 * than it did, so this is not much.
 */
export const SURGE = 1.25

export interface Work {
  /** Sessions at work that do not wait for a lock, before and during. */
  aasBefore: number
  aas: number
  /** Transactions a second, during ÷ before; undefined where it was not counted. */
  rateRatio: number | undefined
  /** AAS a transaction, during ÷ before: by Little's law the time each one takes. */
  timeRatio: number | undefined
}

export interface Gainer {
  statementId: string
  statement: string | undefined
  /** Its AAS before and during, and its share of the load's growth (can exceed 1 when others shrank). */
  before: number
  during: number
  share: number
}

/** The ratios need a baseline. Two rules ask for it, again whenever a cause is taken away: counted once a case. */
export function work(c: Case): Work {
  const known = WORKS.get(c)
  if (known) return known
  const [aas, aasBefore] = [meanWorking(c.during), meanWorking(c.before)]
  const [rate, rateBefore] = [mean(transactions(c.during)), mean(transactions(c.before))]
  const rateRatio = rate && rateBefore ? rate / rateBefore : undefined
  const made = {
    aas,
    aasBefore,
    rateRatio,
    timeRatio: rateRatio && aasBefore > 0 ? aas / aasBefore / rateRatio : undefined,
  }
  WORKS.set(c, made)
  return made
}

const WORKS = new WeakMap<Case, Work>()

/** Time spent in queues for locks is another cause's. */
const meanWorking = (ticks: Tick[]): number =>
  mean(
    ticks.flatMap(tick => {
      const { active, byWaitClass } = tally(tick)
      return tick.sessions ? (active ?? 0) - (byWaitClass?.Lock ?? 0) : (tick.signals.aas ?? [])
    }),
  ) || 0

/** Transactions a second in each tick where they were counted. */
const transactions = (ticks: Tick[]): number[] =>
  ticks.flatMap(({ signals: { commits_per_s: commits, rollbacks_per_s: rollbacks = 0 } }) =>
    commits === undefined ? [] : commits + rollbacks,
  )

/** What each statement takes of the load, waiting for locks aside. By its id, else by its text. */
export function usage(c: Case): Map<string, Usage> {
  const known = USAGES.get(c)
  if (known) return known
  const made = new Map<string, Usage>()
  for (const [side, ticks] of [['before', c.before] as const, ['during', c.during] as const]) {
    const sampled = ticks.filter(tick => tick.sessions)
    for (const tick of sampled) {
      for (const session of tally(tick).census.working) {
        const key = usageKey(session)
        if (key === undefined) continue
        const one = made.get(key) ?? {
          statementId: session.statementId,
          before: 0,
          during: 0,
          statement: session.statement,
        }
        one[side] += 1 / sampled.length
        made.set(key, one)
      }
    }
  }
  USAGES.set(c, made)
  return made
}

const USAGES = new WeakMap<Case, Map<string, Usage>>()

export interface Usage {
  statementId: string | undefined
  statement: string | undefined
  /** AAS. */
  before: number
  during: number
}

export const usageKey = ({ state, waitClass, statementId, statement }: SessionSample): string | undefined =>
  state === 'active' && waitClass !== 'Lock' ? (statementId ?? statement) : undefined

/** The statement that gained most of the load. Looks at every session: asked for only when there is a gain to explain. */
export function gainer(c: Case): Gainer | undefined {
  const all = [...usage(c).values()].flatMap(one =>
    one.statementId === undefined ? [] : { ...one, statementId: one.statementId },
  )
  const growth = all.reduce((sum, { before, during }) => sum + during - before, 0)
  const [first] = all.sort((a, b) => b.during - b.before - (a.during - a.before))
  if (!first || first.during === 0 || growth <= 0) return undefined
  return { ...first, share: (first.during - first.before) / growth }
}

/** Sessions on CPU that are many on any machine, where the number of vCPUs is not known. */
const PLENTY = 4

/** Whether there is more at work than the machine can serve at once, and clearly more than before. */
export function isBusy(c: Case, w: Work): boolean {
  const { byWaitClass } = c.loadDuring
  if (Object.keys(byWaitClass).length === 0)
    return hasGrown(w) && mean(c.during.flatMap(tick => tick.signals.cpu_pct ?? [])) > 80
  // These causes are about CPU: sessions that wait for storage or sleep have another.
  const cpu = byWaitClass.CPU ?? 0
  return (
    hasGrown(w) && cpu >= (w.aas - w.aasBefore) / 2 && cpu > (c.vcpus ?? Math.max(PLENTY, 2 * w.aasBefore))
  )
}

/** Half as many again, and at least one: what less than that adds is chance. */
export const hasGrown = ({ aas, aasBefore }: Pick<Work, 'aas' | 'aasBefore'>): boolean =>
  aas >= 1.5 * aasBefore && aas >= aasBefore + 1

/**
 * Whether a statement is called more often than before. By its own calls where the server counts them. Where no reading lies within the
 * incident yet, by its price of before: a full machine that ends as many calls as it does cannot have been filled by them, unless
 * they cost that much already. Else by the calls of all; undefined where those were not counted either.
 */
export function isCalledMore(c: Case, w: Work, { statementId }: Gainer): boolean | undefined {
  const calls = callsOf(c, statementId)
  const growth = growthOf(calls)
  if (growth !== undefined) return growth >= SURGE
  if (calls.before && calls.before.count === 0) return false
  if (haveGrown(c)) return areIts(c, statementId)
  const [ended, asked] = [mean(transactions(c.during)), workGrowth(c) ?? SURGE]
  if (calls.before && !calls.during && ended > 0 && c.vcpus !== undefined)
    return asked >= SURGE && (ended * calls.before.ms) / 1000 >= c.vcpus * FILLS
  return w.rateRatio === undefined ? undefined : false
}

/** Whether all calls together come at a higher rate, by more than they scatter. */
export function haveGrown(c: Case): boolean {
  const [before, during] = [transactions(c.before), transactions(c.during)]
  const [usual, now] = [mean(before), mean(during)]
  const error = Math.hypot(
    ...[before, during].map(rates => (deviation(rates) || 0) / Math.sqrt(rates.length)),
  )
  return now >= SURGE * usual && now - usual > 2 * error
}

/**
 * Whether the additional calls can be those of one statement, by Little's law: its sessions at once ÷ the time each call takes. True
 * where ages were not sampled.
 */
function areIts(c: Case, statementId: string): boolean {
  const took = secondsPerCall(c, statementId)
  if (!(took > 0)) return true
  const own = (usage(c).get(statementId)?.during ?? 0) / took
  return own >= (mean(transactions(c.during)) - mean(transactions(c.before))) / 2
}

/**
 * How long a call of a statement takes: twice the age at which one is met on average, seconds. NaN where ages were not sampled, or are those of
 * waiting for a lock.
 */
export function secondsPerCall({ during }: Case, statementId: string): number {
  const met = during.flatMap(tick => tick.sessions?.filter(one => one.statementId === statementId) ?? [])
  if (met.some(({ waitClass }) => waitClass === 'Lock')) return Number.NaN
  return (2 * mean(met.flatMap(({ stateAgeMs }) => stateAgeMs ?? []))) / 1000
}

/** Share of the vCPUs that the calls of a full machine have to account for. */
const FILLS = 0.5

/** How full the CPU is, as evidence for a cause that says it is. */
export function cpuEvidence(c: Case): EvidenceItem[] {
  const cpu = mean(c.during.flatMap(tick => tick.signals.cpu_pct ?? []))
  const sessions = c.loadDuring.byWaitClass.CPU ?? 0
  return [
    c.vcpus === undefined
      ? isMissing('the number of vCPUs')
      : sessions > c.vcpus
        ? speaksFor(`${round1(sessions)} sessions want ${c.vcpus} vCPUs`)
        : speaksAgainst(`${round1(sessions)} sessions on ${c.vcpus} vCPUs`),
    ...(Number.isNaN(cpu)
      ? []
      : [
          cpu > 80 ? speaksFor(`host CPU ${round1(cpu)} %`) : speaksAgainst(`host CPU only ${round1(cpu)} %`),
        ]),
  ]
}
