// Each export opens a transaction and then asks somebody else for half a minute.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const idleHoard = spec(
  'idle-hoard',
  'exports leave their transactions open while they wait',
  shop => ({
    services: shop.with('warehouse', warehouse =>
      busier(warehouse, 30, {
        name: 'export',
        perS: 0.03,
        statements: [{ sql: 'select on_hand from inventory where sku = ?', values: [{ from: 2, to: 500 }] }],
        transaction: true,
        thinkMs: 30_000,
      }),
    ),
    fault: [{ do: 'traffic', service: 'warehouse', request: 'export', times: 100, overMs: 1000 }],
    truth: {
      cause: 'idle-in-transaction',
      kind: 'hoard',
      also: [],
      subject: { application: 'warehouse' },
      remedy: { helps: 'idle-in-transaction-timeout', harms: 'scale-up' },
    },
  }),
)
