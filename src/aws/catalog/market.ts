// What there is to buy in a region: classes with their price, storage, RDS Proxy. Sources: scripts/facts/README.md.
import type { ClassOffer, Market, Target } from '../../model/index.ts'
import { PRICES_A_TO_E } from './data/prices-a-to-e.ts'
import { PRICES_M_TO_U } from './data/prices-m-to-u.ts'
import { classNames, shapeOf } from './index.ts'
import { auroraMysqlConnections } from './max-connections.ts'
import { memoryForDatabase } from './memory.ts'

/** The oldest of the lists; prices of a class have not been seen to change once it is sold. */
const AS_OF = { classes: '2021-08-03', storage: '2026-05-03', proxy: '2026-08-17' }

/** Bytes of memory for each connection in the formula of RDS, and the most it comes to. */
const FORMULA: Record<string, { bytes: number; most?: number }> = {
  postgres: { bytes: 9_531_392, most: 5_000 },
  'aurora-postgresql': { bytes: 9_531_392, most: 5_000 },
  mysql: { bytes: 12_582_880 },
  mariadb: { bytes: 25_165_760, most: 12_000 },
}

/** Families that nobody can create any more. */
const RETIRED = /^db\.(?:t2|m4|r4|m3|r3|x1e?)\./

/** Undefined where the target is not on RDS, or nobody knows in which region. */
export function marketOf({ instance, instanceClass = '' }: Target): Market | undefined {
  if (instance?.region === undefined) return undefined
  const { region, product } = instance
  const prices = pricesIn(region, product)
  const family = instanceClass.slice(0, instanceClass.lastIndexOf('.'))
  const names = classNames().filter(
    name =>
      name === instanceClass || (!RETIRED.test(name) && (prices.has(name) || name.startsWith(`${family}.`))),
  )
  const classes = names.flatMap(name => offerOf(name, product, prices.get(name)))
  return {
    region,
    asOf: AS_OF,
    classes: classes.sort((a, b) => a.vcpus - b.vcpus || a.memoryBytes - b.memoryBytes),
    storage: product.startsWith('aurora') ? {} : (STORAGE[region] ?? {}),
    ...(PROXY[region] === undefined ? {} : { proxyUsdPerVcpuHour: PROXY[region] }),
  }
}

function offerOf(name: string, product: string, usdPerHour: number | undefined): ClassOffer[] {
  const shape = shapeOf({ instanceClass: name })
  if (!shape) return []
  const { vcpus, memoryBytes, ebs, baselineCpuPct } = shape
  const maxConnections = connectionsOf(name, product, memoryBytes)
  return [
    {
      name,
      vcpus,
      memoryBytes,
      ...(maxConnections === undefined ? {} : { maxConnections }),
      ...(usdPerHour === undefined ? {} : { usdPerHour }),
      ...(ebs ? { ebs: { iops: ebs.iops.baseline, mbPerS: ebs.mbPerS.baseline } } : {}),
      ...(baselineCpuPct === undefined ? {} : { baselineCpuPct }),
    },
  ]
}

function connectionsOf(name: string, product: string, memoryBytes: number): number | undefined {
  if (product === 'aurora-mysql') return auroraMysqlConnections({ instanceClass: name })
  const formula = FORMULA[product]
  if (!formula) return undefined
  const { bytes, most = Number.POSITIVE_INFINITY } = formula
  return Math.min(most, Math.trunc(memoryForDatabase(memoryBytes) / bytes))
}

function pricesIn(region: string, product: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of `${PRICES_A_TO_E}${PRICES_M_TO_U}`.split('\n')) {
    const [where, products = '', ...families] = line.split(' ')
    if (where !== region || !products.split('+').includes(product)) continue
    for (const entry of families) {
      const [family, sizes = ''] = entry.split(':')
      for (const [size, usd] of sizes.split(',').map(pair => pair.split('=')))
        found.set(`db.${family}.${size}`, Number(usd))
    }
  }
  return found
}

/** A month, one zone: regenerated from the price API by infracost on 2026-05-03. Others have no source. */
const STORAGE: Record<string, Market['storage']> = {
  'us-east-1': {
    gp2: { usdPerGibMonth: 0.115 },
    gp3: { usdPerGibMonth: 0.115, usdPerIopsMonth: 0.02 },
    io1: { usdPerGibMonth: 0.125, usdPerIopsMonth: 0.1 },
    standard: { usdPerGibMonth: 0.1 },
  },
}

/** RDS Proxy, a vCPU of the database and hour: price lists of 2026. */
const PROXY: Record<string, number> = { 'us-east-1': 0.015, 'eu-west-2': 0.017 }
