// The shop: schema, services, rates and pools that all scenarios start from. On a server of 37 usable slots the
// services use about a third in peace; what their pools could open together is more than there is.
import type { RequestSpec, ServiceSpec, StatementSpec } from '../scenario.ts'

/** 40 connections, 3 of them reserved for superusers. */
export const SHOP_SETTINGS = {
  max_connections: 40,
  superuser_reserved_connections: 3,
  compute_query_id: 'on',
  jit: 'off',
  max_parallel_workers_per_gather: 0,
}

/** The item everybody buys: its row in `inventory` is the hot row. */
export const FEATURED_SKU = 1

export const RESERVE_FEATURED: StatementSpec = {
  sql: 'update inventory set reserved = reserved + 1 where sku = $1',
  values: [FEATURED_SKU],
}

/** About 4.5 requests a second touch the hot row; everything else goes elsewhere. */
export const SHOP_SERVICES: ServiceSpec[] = [
  {
    name: 'web',
    pool: { min: 4, max: 20, idleMs: 1500 },
    requests: [
      {
        name: 'browse',
        perS: 40,
        statements: [
          { sql: 'select name, price from products where id = $1', values: [{ from: 1, to: 2000 }] },
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
            sql: "insert into orders (customer_id, sku, total, status) values ($1, $2, $3, 'placed')",
            values: [{ from: 1, to: 20_000 }, FEATURED_SKU, { from: 5, to: 500 }],
          },
          {
            sql: 'update inventory set on_hand = on_hand - 1, reserved = reserved - 1 where sku = $1',
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
            sql: 'select id, status, total from orders where customer_id = $1 order by id desc limit 20',
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
            sql: 'insert into payments (order_id, amount) values ($1, $2)',
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
            sql: 'update inventory set on_hand = on_hand + 10 where sku = $1',
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

/** The tables and their rows. `orders`: how many orders there are at the start. */
export const shopSchema = (orders = 20_000): string[] => [
  'create table products (id integer primary key, name text not null, price numeric not null)',
  `insert into products select i, 'product ' || md5(i::text), 1 + i % 99 from generate_series(1, 40000) i`,
  'create table inventory (sku integer primary key, on_hand integer not null, reserved integer not null)',
  'insert into inventory select i, 100000, 0 from generate_series(1, 500) i',
  `create table orders (id bigint generated always as identity primary key, customer_id integer not null,
     sku integer not null, total numeric not null, status text not null, placed_at timestamptz default now())`,
  `insert into orders (customer_id, sku, total, status)
     select 1 + i % 20000, 1 + i % 500, 5 + i % 495, 'shipped' from generate_series(1, ${orders}) i`,
  'create index orders_customer on orders (customer_id)',
  `create table payments (id bigint generated always as identity primary key, order_id bigint not null,
     amount numeric not null, booked_at timestamptz default now())`,
  'vacuum analyze',
]

/** The services of the shop, with one of them changed. */
export const shopWith = (name: string, change: (service: ServiceSpec) => ServiceSpec): ServiceSpec[] =>
  SHOP_SERVICES.map(service => (service.name === name ? change(service) : service))

/** A service that also gets another kind of request, and may open more connections. */
export const busier = (service: ServiceSpec, poolMax: number, request: RequestSpec): ServiceSpec => ({
  ...service,
  pool: { ...service.pool, max: poolMax },
  requests: [...service.requests, request],
})
