// Transactions that change the same few rows, each in an order of its own: they wait for each other in circles.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

const MOVE = { sql: 'update inventory set on_hand = on_hand + 1 where sku = ?', values: [{ from: 1, to: 3 }] }

export const deadlockStorm = spec(
  'deadlock-storm',
  'stock is moved between the same few items in any order',
  shop => ({
    services: shop.with('web', web =>
      busier(web, 30, {
        name: 'move stock',
        perS: 0.5,
        statements: [MOVE, MOVE],
        transaction: true,
        thinkMs: 40,
      }),
    ),
    fault: [{ do: 'traffic', service: 'web', request: 'move stock', times: 100, overMs: 3000 }],
    truth: {
      cause: 'lock-contention',
      kind: 'row',
      also: [],
      subject: { object: 'inventory' },
      remedy: { helps: 'lock-timeout', harms: 'end-session' },
    },
  }),
)
