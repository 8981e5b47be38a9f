// The shop: schema, services, rates and pools that all scenarios start from. On a server of 37 usable slots the
// services use about a third in peace; what their pools could open together is more than there is.
import type { EngineName } from '../../model/index.ts'
import type { Dialect } from '../dialect.ts'
import { MARIADB, MYSQL } from '../mysql/dialect.ts'
import { POSTGRES } from '../postgres/dialect.ts'
import type { RequestSpec, ServiceSpec, StatementSpec } from '../scenario.ts'

/** The item everybody buys: its row in `inventory` is the hot row. */
export const FEATURED_SKU = 1

export const RESERVE_FEATURED: StatementSpec = {
  sql: 'update inventory set reserved = reserved + 1 where sku = ?',
  values: [FEATURED_SKU],
}

/** About 4.5 requests a second touch the hot row; everything else goes elsewhere. */
const SERVICES: ServiceSpec[] = [
  {
    name: 'web',
    pool: { min: 4, max: 20, idleMs: 1500 },
    requests: [
      {
        name: 'browse',
        perS: 40,
        statements: [
          { sql: 'select name, price from products where id = ?', values: [{ from: 1, to: 2000 }] },
        ],
        transaction: false,
      },
      { name: 'add to cart', perS: 2.5, statements: [RESERVE_FEATURED], transaction: false },
    ],
  },
  {
    name: 'checkout',
    pool: { min: 3, max: 16, idleMs: 1500 },
    requests: [
      {
        name: 'place order',
        perS: 2,
        statements: [
          {
            sql: "insert into orders (customer_id, sku, total, status) values (?, ?, ?, 'placed')",
            values: [{ from: 1, to: 20_000 }, FEATURED_SKU, { from: 5, to: 500 }],
          },
          {
            sql: 'update inventory set on_hand = on_hand - 1, reserved = reserved - 1 where sku = ?',
            values: [FEATURED_SKU],
          },
        ],
        transaction: true,
        thinkMs: 5,
      },
      {
        name: 'order status',
        perS: 5,
        statements: [
          {
            sql: 'select id, status, total from orders where customer_id = ? order by id desc limit 20',
            values: [{ from: 1, to: 20_000 }],
          },
        ],
        transaction: false,
      },
    ],
  },
  {
    name: 'billing',
    pool: { min: 2, max: 6, idleMs: 1500 },
    requests: [
      {
        name: 'book payment',
        perS: 2,
        statements: [
          {
            sql: 'insert into payments (order_id, amount) values (?, ?)',
            values: [
              { from: 1, to: 20_000 },
              { from: 5, to: 500 },
            ],
          },
        ],
        transaction: true,
      },
    ],
  },
  {
    name: 'warehouse',
    pool: { min: 2, max: 6, idleMs: 1500 },
    requests: [
      {
        name: 'restock',
        perS: 1,
        statements: [
          {
            sql: 'update inventory set on_hand = on_hand + 10 where sku = ?',
            values: [{ from: 2, to: 500 }],
          },
        ],
        transaction: false,
      },
    ],
  },
  {
    name: 'reports',
    pool: { min: 1, max: 4, idleMs: 1500 },
    requests: [
      {
        name: 'sales by status',
        perS: 0.5,
        statements: [{ sql: 'select status, count(*), sum(total) from orders group by status', values: [] }],
        transaction: false,
      },
    ],
  },
]

/** The shop in the words of one engine. */
export interface Shop {
  dialect: Dialect
  services: ServiceSpec[]
  /** The services of the shop, with one of them changed. */
  with(name: string, change: (service: ServiceSpec) => ServiceSpec): ServiceSpec[]
}

const DIALECTS: Record<EngineName, Dialect> = { postgres: POSTGRES, mysql: MYSQL, mariadb: MARIADB }

export const shopOf = (engine: EngineName): Shop => ({
  dialect: DIALECTS[engine],
  services: SERVICES,
  with: (name, change) => SERVICES.map(service => (service.name === name ? change(service) : service)),
})

/** A service that also gets another kind of request, and may open more connections. */
export const busier = (service: ServiceSpec, poolMax: number, request: RequestSpec): ServiceSpec => ({
  ...service,
  pool: { ...service.pool, max: poolMax },
  requests: [...service.requests, request],
})

/** A request that takes some 20 ms of CPU. */
export const search = ({ dialect }: Shop, perS: number): RequestSpec => ({
  name: 'search',
  perS,
  statements: [
    {
      sql: `select id, name, price from products where ${dialect.contains('name')} order by price limit 20`,
      values: ['%c0ffee%'],
    },
  ],
  transaction: false,
})
