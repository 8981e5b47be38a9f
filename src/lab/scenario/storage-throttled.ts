// The volume gives fewer operations a second than it did, as one whose credits are used up; everybody asks for the same.
import { cacheOf, lookUp, reading } from './cold.ts'
import { spec } from './spec.ts'

const ORDERS = 400_000

export const storageThrottled = spec(
  'storage-throttled',
  'the volume is throttled to thirty reads a second',
  shop => ({
    settings: cacheOf(shop, 16),
    schema: shop.dialect.schema(ORDERS),
    services: reading(shop, lookUp('look up', 90, 1, ORDERS)),
    limits: {},
    fault: [{ do: 'limit', limits: { readsPerS: 30 } }],
    truth: { cause: 'io-saturation', also: [], remedy: { helps: 'storage', harms: 'end-session' } },
  }),
)
