// PgBouncer stands before the server and has too few connections for what the services ask of it.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const poolerExhausted = spec(
  'pooler-exhausted',
  'PgBouncer has four connections for each role, and checkout needs a dozen',
  shop => ({
    pooler: {
      pool_mode: 'session',
      default_pool_size: 4,
      query_wait_timeout: 3,
      ignore_startup_parameters: 'statement_timeout',
    },
    services: shop.with('checkout', checkout =>
      busier(checkout, 30, {
        name: 'authorise payment',
        perS: 1,
        statements: [{ sql: 'select status from orders where id = ?', values: [{ from: 1, to: 20_000 }] }],
        transaction: false,
        thinkMs: 400,
      }),
    ),
    fault: [{ do: 'traffic', service: 'checkout', request: 'authorise payment', times: 40, overMs: 3000 }],
    truth: { cause: 'pooler-exhausted', also: [], subject: { user: 'checkout' } },
  }),
  ['postgres'],
)
