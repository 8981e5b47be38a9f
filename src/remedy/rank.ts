// Best first: what stops the incident at once, then by failures, load, price and risk.
import type { Advice, Outage, Risk } from '../model/index.ts'

const RISKS: readonly Risk[] = ['low', 'medium', 'high']
const OUTAGES: readonly Outage[] = ['none', 'session', 'restart', 'minutes']

/** A tenth of the load is less than the model knows. */
const SAME_LOAD = 0.1

/** Equals keep their order. Doing nothing, when it is advised, is best. */
export const rank = (advice: readonly Advice[]): Advice[] =>
  [...advice].sort((a, b) => {
    const [x, y] = [keyOf(a), keyOf(b)]
    const at = x.findIndex((value, i) => value !== y[i])
    return at < 0 ? 0 : x[at]! - y[at]!
  })

const keyOf = ({ remedy, horizon, effect, price, risk = 'low', outage = 'none' }: Advice): number[] => [
  Number(remedy !== 'wait'),
  Number(horizon !== 'now' || isDrop(effect)),
  Number(!effect.connectsRecover),
  Math.round(10 * (effect.failures?.after ?? 0)),
  loadLevel(effect.aas),
  // What nobody knows the price of is not free.
  price === undefined ? 0 : (price.usd ?? Number.MAX_SAFE_INTEGER),
  RISKS.indexOf(risk),
  OUTAGES.indexOf(outage),
]

/** What is done at once and leaves failures and load as they are stops nothing: one of many that come again. */
const isDrop = ({ failures, aas, connectsRecover }: Advice['effect']): boolean => {
  const isBusy = aas.before >= BUSY_AAS
  return !(isBusy && loadLevel(aas) <= NEARLY_ALL) && !(connectsRecover && (failures?.before || !isBusy))
}

/** From so many active sessions on, load that stays is a matter. */
const BUSY_AAS = 2
/** Tenths of the load. */
const NEARLY_ALL = 7

const loadLevel = ({ before, after }: Advice['effect']['aas']): number =>
  before > 0 ? Math.round(after / before / SAME_LOAD) : 0
