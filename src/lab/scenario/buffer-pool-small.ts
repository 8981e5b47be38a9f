// The buffer pool shrinks below what the shop reads all day.
import { cacheOf, lookUp, reading } from './cold.ts'
import { spec } from './spec.ts'

const ORDERS = 400_000
/** Bytes. */
const SMALL = 8_388_608
const LARGE = 67_108_864

export const bufferPoolSmall = spec(
  'buffer-pool-small',
  'the buffer pool shrinks to a fraction, and the disk gives fifty reads a second',
  shop => ({
    // Else it shrinks to nothing smaller than one chunk.
    settings: { ...cacheOf(shop, 64), innodb_buffer_pool_chunk_size: '1M' },
    schema: shop.dialect.schema(ORDERS),
    services: reading(shop, lookUp('look up', 100, 1, ORDERS)),
    limits: { readsPerS: 50 },
    fault: [
      {
        do: 'administer',
        statements: [`set global innodb_buffer_pool_size = ${SMALL}`],
        undo: [`set global innodb_buffer_pool_size = ${LARGE}`],
      },
    ],
    truth: {
      cause: 'buffer-pool-small',
      also: ['io-saturation'],
      remedy: { helps: 'buffer-pool', harms: 'max-connections' },
    },
  }),
  // MariaDB locks its variables until the pool has shrunk, and everybody out who wants to read one.
  ['mysql'],
)
