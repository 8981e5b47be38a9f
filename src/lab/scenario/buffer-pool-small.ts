// The buffer pool shrinks below what the shop reads all day.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const bufferPoolSmall = spec(
  'buffer-pool-small',
  'the buffer pool shrinks to a tenth',
  shop => ({
    settings: {
      ...shop.dialect.settings,
      innodb_flush_method: 'O_DIRECT',
      innodb_buffer_pool_size: '64M',
      // Else it shrinks to nothing smaller than one chunk.
      innodb_buffer_pool_chunk_size: '1M',
    },
    schema: shop.dialect.schema(400_000),
    services: shop.with('web', web =>
      busier(web, 30, {
        name: 'recommend',
        perS: 60,
        statements: [
          {
            sql: `select count(distinct o.sku), sum(o.total) from orders as o
                  join (select id * ? as id from products where id <= 300) as near on near.id = o.id`,
            values: [{ from: 1, to: 1300 }],
          },
        ],
        transaction: false,
      }),
    ),
    fault: [
      {
        do: 'administer',
        statements: ['set global innodb_buffer_pool_size = 5242880'],
        undo: ['set global innodb_buffer_pool_size = 67108864'],
      },
    ],
    truth: { cause: 'buffer-pool-small', also: [] },
  }),
  ['mysql', 'mariadb'],
)
