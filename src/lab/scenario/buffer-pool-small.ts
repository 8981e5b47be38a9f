// The buffer pool shrinks below what the shop reads all day.
import { cacheOf, lookUp, reading } from './cold.ts'
import { spec } from './spec.ts'

const ORDERS = 400_000

export const bufferPoolSmall = spec(
  'buffer-pool-small',
  'the buffer pool shrinks to a tenth, and the disk gives fifty reads a second',
  shop => ({
    // Else it shrinks to nothing smaller than one chunk.
    settings: { ...cacheOf(shop, 64), innodb_buffer_pool_chunk_size: '1M' },
    schema: shop.dialect.schema(ORDERS),
    services: reading(shop, lookUp('look up', 100, 1, ORDERS)),
    limits: { readsPerS: 50 },
    fault: [
      {
        do: 'administer',
        statements: ['set global innodb_buffer_pool_size = 5242880'],
        undo: ['set global innodb_buffer_pool_size = 67108864'],
      },
    ],
    truth: {
      cause: 'buffer-pool-small',
      also: ['io-saturation'],
      remedy: { helps: 'buffer-pool', harms: 'max-connections' },
    },
  }),
  ['mysql', 'mariadb'],
)
