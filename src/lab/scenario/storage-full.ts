// Somebody else's files fill the disk: whoever only reads goes on, whoever writes is told that nothing is left.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const storageFull = spec('storage-full', 'the disk is full', shop => ({
  diskMb: 400,
  hearsLog: true,
  services: shop.with('web', web =>
    busier(web, 30, {
      name: 'import prices',
      perS: 5,
      statements: [
        {
          sql: `insert into orders (customer_id, sku, total, status)
                select id, 1, price, name from products where id between ? and 40000 limit 500`,
          values: [{ from: 1, to: 39_000 }],
        },
      ],
      transaction: false,
    }),
  ),
  fault: [{ do: 'fill-disk' }],
  truth: { cause: 'storage-full', also: ['server-restarting'] },
}))
