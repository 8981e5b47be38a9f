// Last year's orders are loaded while the shop is open.
import { spec } from './spec.ts'

export const bulkLoad = spec('bulk-load', "last year's orders are loaded while the shop is open", () => ({
  fault: [
    {
      do: 'repeat',
      user: 'deploy',
      application: 'loader',
      sessions: 6,
      statements: [
        `insert into orders (customer_id, sku, total, status)
         select 1 + id % 20000, 1 + id % 500, price, 'loaded' from products`,
      ],
      pauseMs: 0,
    },
  ],
  truth: { cause: 'bulk-load', also: [], subject: { application: 'loader' } },
}))
