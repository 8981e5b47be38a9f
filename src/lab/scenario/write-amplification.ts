// Every migration brought an index along; nobody reads by them, and each insert pays for all.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

const INDEXES = 14

export const writeAmplification = spec(
  'write-amplification',
  'a migration adds fourteen indexes that nobody needs',
  shop => ({
    services: shop.with('web', web =>
      busier(web, 30, {
        name: 'import prices',
        perS: 12,
        statements: [
          {
            sql: `insert into orders (customer_id, sku, total, status)
                  select id, 1, price, name from products where id between ? and 40000 limit 700`,
            values: [{ from: 1, to: 39_000 }],
          },
        ],
        transaction: false,
      }),
    ),
    fault: Array.from({ length: INDEXES }, (_, i) => ({
      do: 'migrate' as const,
      sql: shop.dialect.createIndex(`superfluous_${i}`, 'orders', i % 2 ? 'status, total' : 'status, sku'),
      undo: shop.dialect.dropIndex(`superfluous_${i}`, 'orders'),
    })),
    truth: { cause: 'write-amplification', also: ['query-regression'], subject: { statement: 'orders' } },
  }),
  // On MySQL each index waits for longer than a trial lasts until the imports let it in.
  ['postgres'],
)
