// The server has slots to spare; one role may not take them.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const roleLimit = spec(
  'role-limit',
  'checkout needs twelve connections and its role may have six',
  shop => ({
    hearsLog: true,
    services: shop.with('checkout', checkout => ({
      ...busier(checkout, 16, {
        name: 'authorise payment',
        perS: 2,
        statements: [
          { sql: 'select status from orders where id = ?', values: [{ from: 1, to: 20_000 }] },
          { sql: 'select amount from payments where id = ?', values: [{ from: 1, to: 100 }] },
        ],
        transaction: false,
        // A call to the bank between the two statements, with the connection in hand.
        thinkMs: 150,
      }),
      roleLimit: 6,
    })),
    fault: [{ do: 'traffic', service: 'checkout', request: 'authorise payment', times: 20, overMs: 5000 }],
    truth: {
      cause: 'role-limit',
      also: [],
      subject: { user: 'checkout' },
      remedy: { helps: 'role-limit', harms: 'max-connections' },
    },
  }),
)
