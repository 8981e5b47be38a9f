// The same look-ups, as many as ever, of last year's orders in place of today's: they do not fit into memory together.
import { cacheOf, lookUp, reading } from './cold.ts'
import { spec } from './spec.ts'

const ORDERS = 400_000
const RECENT = 30_000

export const workingSetGrown = spec(
  'working-set-grown',
  "last year's orders are looked up in place of today's, and are not in memory",
  shop => ({
    settings: cacheOf(shop, 16),
    // The disk is too slow to fetch first what everybody wants in peace.
    schema: [
      ...shop.dialect.schema(ORDERS),
      'select count(name) from products where id <= 2000',
      `select sum(total) from orders where id >= ${ORDERS - RECENT}`,
    ],
    services: reading(
      shop,
      lookUp('of today', 100, ORDERS - RECENT, ORDERS),
      lookUp('of last year', 2, 1, ORDERS),
    ),
    limits: { readsPerS: 30 },
    fault: [
      { do: 'traffic', service: 'web', request: 'of today', times: 0.02, overMs: 1 },
      { do: 'traffic', service: 'web', request: 'of last year', times: 50, overMs: 1 },
    ],
    // Storage is what they wait for, because of what they ask of it.
    truth: {
      cause: 'buffer-pool-small',
      also: ['io-saturation'],
      remedy: { helps: 'buffer-pool', harms: 'max-connections' },
    },
  }),
)
