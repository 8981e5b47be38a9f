// Which class cures: the cheapest one that could be had, tried against the model.
import type { ClassOffer, Target } from '../model/index.ts'
import { ceilingOf } from './ceiling.ts'
import type { Change } from './change.ts'
import { type Prediction, predict } from './predict.ts'
import type { Scene } from './situation.ts'

/** A max_connections that near to the class's default is the default, and grows with the class. */
const IS_DEFAULT = 0.08
/** Below that many credits there is no burst left. */
const GONE_CREDITS = 5

interface Candidate {
  offer: ClassOffer
  effect: Prediction
}

/** The smallest that cures of those that are larger, by price where it is known; undefined when none does. */
export function smallestCure(s: Scene): Candidate | undefined {
  const current = s.market?.classes.find(({ name }) => name === s.evidence.target.instanceClass)
  const have = current?.vcpus ?? s.evidence.target.vcpus ?? 0
  const larger = (s.market?.classes ?? []).filter(
    offer =>
      offer.name !== current?.name &&
      sustained(offer) > Math.min(have, available(s) ?? have) &&
      offer.memoryBytes >= (current?.memoryBytes ?? 0) &&
      // One with less of EBS would only move the queue.
      (offer.ebs?.iops ?? 0) >= (current?.ebs?.iops ?? 0),
  )
  const cost = ({ usdPerHour, vcpus }: ClassOffer) => usdPerHour ?? 1000 + vcpus
  const tried = larger
    .sort((a, b) => cost(a) - cost(b) || familyRank(a, current) - familyRank(b, current))
    .map(offer => ({ offer, effect: predict(s, changeTo(s, offer)) }))
  return tried.find(({ offer, effect }) => cures(effect, sustained(offer)))
}

const cures = ({ saturated, connectsRecover, byWaitClass }: Prediction, vcpus: number): boolean =>
  !saturated && connectsRecover && (byWaitClass?.CPU ?? 0) <= vcpus

const familyRank = ({ name }: ClassOffer, current: ClassOffer | undefined): number =>
  Number(name.split('.')[1] !== current?.name.split('.')[1])

/** The class as a change of the model. */
export function changeTo(s: Scene, offer: ClassOffer): Change {
  const usable = usableWith(s, offer)
  return { vcpus: sustained(offer), ...(usable === undefined ? {} : { usable }) }
}

/** vCPUs that it can use for ever. */
const sustained = ({ vcpus, baselineCpuPct }: ClassOffer): number =>
  baselineCpuPct === undefined ? vcpus : (vcpus * baselineCpuPct) / 100

/** vCPUs that the present class has left: without credits a burstable one has its baseline. */
export function available({ evidence: { target }, market, now }: Scene): number | undefined {
  const current = market?.classes.find(({ name }) => name === target.instanceClass)
  const credits = now.findLast(({ signals }) => signals.cpu_credit_balance !== undefined)?.signals
    .cpu_credit_balance
  return current && credits !== undefined && credits < GONE_CREDITS ? sustained(current) : target.vcpus
}

/** Where max_connections is the default of the class, another class brings another one. */
export function usableWith(s: Scene, offer: ClassOffer): number | undefined {
  const { limits, target } = s.evidence
  if (!limits || s.usable === undefined) return undefined
  const current = s.market?.classes.find(({ name }) => name === target.instanceClass)
  const [was, becomes] = [current, offer].map(one => one && defaultOf(target, one))
  if (was === undefined || becomes === undefined) return undefined
  if (Math.abs(limits.maxConnections - was) > IS_DEFAULT * was) return undefined
  return s.usable + Math.round((becomes / was) * limits.maxConnections) - limits.maxConnections
}

const defaultOf = (target: Target, { maxConnections, memoryBytes }: ClassOffer): number | undefined =>
  maxConnections ?? ceilingOf(target, memoryBytes)
