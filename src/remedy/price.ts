// What a change costs a month, from the price list; unknown where nobody has published it.
import type { ClassOffer, Market, Price, Step, Target } from '../model/index.ts'

/** Hours of a month, as AWS counts it in its calculator. */
const HOURS = 730

/** The price of nothing bought. */
export const FREE: Price = { usd: 0 }

/** Another class instead; a standby in another zone costs as much again. */
export function classPrice(target: Target, market: Market | undefined, offer: ClassOffer): Price {
  const current = market?.classes.find(({ name }) => name === target.instanceClass)
  if (!market || current?.usdPerHour === undefined || offer.usdPerHour === undefined)
    return unknown(
      market,
      `no price of ${current?.usdPerHour === undefined ? (target.instanceClass ?? 'this server') : offer.name} is known`,
    )
  const zones = target.instance?.multiAz ? 2 : 1
  return {
    usd: cents((offer.usdPerHour - current.usdPerHour) * HOURS * zones),
    region: market.region,
    asOf: market.asOf.classes,
    note: `on demand${zones === 2 ? ', two zones' : ''}; ${target.instanceClass} $${current.usdPerHour} → ${offer.name} $${offer.usdPerHour} an hour`,
  }
}

/** `count` more instances of the same class. */
export function instancePrice(target: Target, market: Market | undefined, count: number): Price {
  const usd = market?.classes.find(({ name }) => name === target.instanceClass)?.usdPerHour
  if (!market || usd === undefined)
    return unknown(market, `no price of ${target.instanceClass ?? 'this server'} is known`)
  return {
    usd: cents(usd * HOURS * count),
    region: market.region,
    asOf: market.asOf.classes,
    note: `${count} × ${target.instanceClass} at $${usd} an hour, storage not counted`,
  }
}

/** GiB, operations and MiB/s more than now, of the given type. */
export function storagePrice(
  target: Target,
  market: Market | undefined,
  more: { gib?: number; iops?: number; mibPerS?: number },
  type = target.instance?.storage.type ?? '',
): Price {
  const list = market?.storage[type]
  const { gib = 0, iops = 0, mibPerS = 0 } = more
  const missing =
    !list ||
    (iops > 0 && list.usdPerIopsMonth === undefined) ||
    (mibPerS > 0 && list.usdPerMibPerSMonth === undefined)
  if (!market || missing) return unknown(market, `no price of ${type || 'this storage'} is known`)
  const zones = target.instance?.multiAz ? 2 : 1
  const usd =
    gib * list.usdPerGibMonth + iops * (list.usdPerIopsMonth ?? 0) + mibPerS * (list.usdPerMibPerSMonth ?? 0)
  return { usd: cents(usd * zones), region: market.region, asOf: market.asOf.storage }
}

export function proxyPrice(target: Target, market: Market | undefined): Price {
  const usd = market?.proxyUsdPerVcpuHour
  if (!market || usd === undefined || target.vcpus === undefined)
    return unknown(market, 'no price of RDS Proxy is known here')
  return {
    usd: cents(usd * Math.max(2, target.vcpus) * HOURS),
    region: market.region,
    asOf: market.asOf.proxy,
    note: `RDS Proxy, $${usd} a vCPU and hour`,
  }
}

/** What steps cost a month together; a setting costs nothing. What nobody has a price of makes it unknown, and the note says the rest. */
export function priceOf(target: Target, market: Market | undefined, steps: readonly Step[]): Price {
  const prices = steps.map(step => stepPrice(target, market, step))
  const missing = prices.find(({ usd }) => usd === undefined)
  const { usd = 0 } = sumOf(prices.filter(price => price.usd !== undefined))
  if (!missing || usd === 0) return sumOf(prices)
  return {
    ...missing,
    note: `${missing.note}; without it ${usd > 0 ? '+' : '−'}$${Math.abs(usd).toFixed(2)} a month`,
  }
}

function stepPrice(target: Target, market: Market | undefined, { what, after }: Step): Price {
  const { gib = 0, iops = 0, mibPerS = 0 } = target.instance?.storage ?? {}
  const more = (now: number) => Math.max(0, Number(after) - now)
  if (what.kind === 'instance-class') {
    const offer = market?.classes.find(({ name }) => name === after)
    return offer ? classPrice(target, market, offer) : unknown(market, `no price of ${after} is known`)
  }
  if (what.kind === 'read-replica') return instancePrice(target, market, 1)
  if (what.kind === 'proxy') return proxyPrice(target, market)
  if (what.kind !== 'storage' || what.field === 'ceiling') return FREE
  if (what.field === 'type') return unknown(market, 'what another type of storage costs is not reckoned')
  const asked = {
    size: { gib: more(gib) },
    iops: { iops: more(iops) },
    throughput: { mibPerS: more(mibPerS) },
  }
  return storagePrice(target, market, asked[what.field])
}

/** Prices together; one that is unknown makes the sum unknown. */
export function sumOf(prices: readonly Price[]): Price {
  const missing = prices.find(({ usd }) => usd === undefined)
  if (missing) return missing
  const paid = prices.filter(({ usd }) => usd !== 0)
  return { ...(paid[0] ?? {}), usd: cents(paid.reduce((sum, { usd = 0 }) => sum + usd, 0)) }
}

const unknown = (market: Market | undefined, note: string): Price =>
  market ? { region: market.region, note } : { note }

const cents = (usd: number): number => Math.round(usd * 100) / 100
