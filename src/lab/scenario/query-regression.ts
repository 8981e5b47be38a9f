// The same calls become dear: a migration drops the index that they used.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'
import { busier, SHOP_SETTINGS, shopSchema, shopWith } from './shop.ts'

export const queryRegression: Scenario = {
  ...healthy,
  name: 'query-regression',
  title: 'a migration drops the index behind the order history',
  // The whole table stays in memory: what becomes dear is the CPU, not the disk.
  settings: { ...SHOP_SETTINGS, shared_buffers: '256MB' },
  schema: shopSchema(600_000),
  services: shopWith('web', web =>
    busier(web, 40, {
      name: 'order history',
      perS: 120,
      statements: [
        {
          sql: 'select id, total, placed_at from orders where customer_id = $1 order by placed_at desc limit 10',
          values: [{ from: 1, to: 20_000 }],
        },
      ],
      transaction: false,
    }),
  ),
  fault: [
    {
      do: 'migrate',
      sql: 'drop index orders_customer',
      undo: 'create index orders_customer on orders (customer_id)',
    },
  ],
  truth: { cause: 'query-regression', kind: 'missing-index', also: [] },
}
