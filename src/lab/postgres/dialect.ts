// PostgreSQL's words.
import type { Dialect } from '../dialect.ts'

const ADVISORY_KEY = 4711

export const POSTGRES: Dialect = {
  engine: 'postgres',
  settings: {
    max_connections: 40,
    superuser_reserved_connections: 3,
    compute_query_id: 'on',
    jit: 'off',
    max_parallel_workers_per_gather: 0,
  },
  schema: (orders = 20_000) => [
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
  ],
  sleep: seconds => `select pg_sleep(${seconds})`,
  longRead: (table, seconds) => `select count(*) from ${table}, pg_sleep(${seconds})`,
  lockTable: table => ['begin', `lock table ${table} in access exclusive mode`],
  advisory: {
    take: [{ sql: 'select pg_advisory_xact_lock(?)', values: [ADVISORY_KEY] }],
    giveBack: [],
    keep: `select pg_advisory_lock(${ADVISORY_KEY})`,
  },
  contains: column => `${column} ilike ?`,
  tableLock: 'relation',
  dropIndex: name => `drop index ${name}`,
  createIndex: (name, table, column) => `create index ${name} on ${table} (${column})`,
}
