// Functions without a pool: each call opens a connection, does next to nothing, and closes it.
import { spec } from './spec.ts'

export const connectionStorm = spec(
  'connection-storm',
  'edge functions without a pool are called three hundred times as often',
  shop => ({
    services: [
      ...shop.services,
      {
        name: 'edge',
        pool: { min: 0, max: 40, idleMs: 0, fresh: true },
        requests: [
          {
            name: 'look up',
            perS: 1,
            statements: [{ sql: 'select price from products where id = ?', values: [{ from: 1, to: 2000 }] }],
            transaction: false,
            thinkMs: 60,
          },
        ],
      },
    ],
    fault: [{ do: 'traffic', service: 'edge', request: 'look up', times: 300, overMs: 3000 }],
    truth: {
      cause: 'connection-storm',
      also: [],
      subject: { user: 'edge' },
      remedy: { helps: 'pool-size', harms: 'end-session' },
    },
  }),
)
