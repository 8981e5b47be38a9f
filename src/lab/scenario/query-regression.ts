// The same calls become dear: a migration drops the index that they used.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const queryRegression = spec(
  'query-regression',
  'a migration drops the index behind the order history',
  ({ dialect, with: withService }) => ({
    // The whole table stays in memory: what becomes dear is the CPU, not the disk.
    ...(dialect.engine === 'postgres'
      ? { settings: { ...dialect.settings, shared_buffers: '256MB' }, schema: dialect.schema(600_000) }
      : { schema: dialect.schema(200_000) }),
    services: withService('web', web =>
      busier(web, 40, {
        name: 'order history',
        perS: 120,
        statements: [
          {
            sql: 'select id, total, placed_at from orders where customer_id = ? order by placed_at desc limit 10',
            values: [{ from: 1, to: 20_000 }],
          },
        ],
        transaction: false,
      }),
    ),
    fault: [
      {
        do: 'migrate',
        sql: dialect.dropIndex('orders_customer', 'orders'),
        undo: dialect.createIndex('orders_customer', 'orders', 'customer_id'),
      },
    ],
    truth: {
      cause: 'query-regression',
      kind: 'missing-index',
      also: [],
      subject: { statement: 'orders' },
      remedy: { helps: 'mend-statement', harms: 'end-session' },
    },
  }),
)
