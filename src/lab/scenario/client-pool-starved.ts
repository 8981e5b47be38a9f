// The application's own pool is too small for what it does with a connection in hand; the server has nothing to do.
import { spec } from './spec.ts'

export const clientPoolStarved = spec(
  'client-pool-starved',
  'checkout has a pool of three and asks the bank with a connection in hand',
  shop => ({
    // From the server's side its connections idle in the hands of the application: only its own log tells.
    hearsServices: ['bank'],
    services: [
      ...shop.with('web', web => ({ ...web, pool: { ...web.pool, max: 34 } })),
      {
        name: 'bank',
        pool: { min: 3, max: 3, idleMs: 60_000 },
        requests: [
          {
            name: 'authorise',
            perS: 1,
            statements: [
              { sql: 'select status from orders where id = ?', values: [{ from: 1, to: 20_000 }] },
            ],
            transaction: false,
            thinkMs: 400,
          },
        ],
      },
    ],
    fault: [{ do: 'traffic', service: 'bank', request: 'authorise', times: 40, overMs: 3000 }],
    truth: { cause: 'client-pool-starved', also: [], subject: { application: 'bank' } },
  }),
)
