// A script forces a checkpoint before each snapshot of a slow volume: all that was changed is written back at once, and
// every commit waits behind it.
import type { ServiceSpec } from '../scenario.ts'
import { busier, type Shop } from './shop.ts'
import { spec } from './spec.ts'

export const checkpointStall = spec(
  'checkpoint-stall',
  'a script forces checkpoints on a volume of sixty writes a second',
  shop => ({
    settings: {
      ...shop.dialect.settings,
      fsync: 'on',
      full_page_writes: 'on',
      shared_buffers: '256MB',
      max_wal_size: '1GB',
    },
    schema: shop.dialect.schema(400_000),
    services: marking(shop, 25),
    limits: { writesPerS: 60 },
    fault: [
      { do: 'administer', statements: ['grant pg_checkpoint to deploy'], undo: [] },
      {
        do: 'repeat',
        user: 'deploy',
        application: 'snapshot',
        sessions: 1,
        statements: ['checkpoint'],
        pauseMs: 2000,
      },
    ],
    // Commits have to wait for the same volume.
    truth: { cause: 'flush-stall', also: ['commit-stall', 'io-saturation', 'lock-contention'] },
  }),
  ['postgres'],
)

/** The services, of which web also changes all orders of some customers, here and there in the table. */
export const marking = (shop: Shop, perS: number): ServiceSpec[] =>
  shop.with('web', web =>
    busier(web, 30, {
      name: 'mark as seen',
      perS,
      statements: [
        {
          sql: 'update orders set total = total + 1 where customer_id = ?',
          values: [{ from: 1, to: 20_000 }],
        },
      ],
      transaction: false,
    }),
  )
