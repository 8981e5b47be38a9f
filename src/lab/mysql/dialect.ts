// The words of MySQL and MariaDB.
import type { Dialect } from '../dialect.ts'

const ADVISORY_NAME = 'stocktaking'

/** Rows of 1 to `count`: neither has a series of its own that the other has too. */
const numbers = (count: number): string[] => [
  'create table numbers (i integer primary key)',
  'insert into numbers values (1)',
  ...Array.from(
    { length: Math.ceil(Math.log2(count)) },
    (_, k) => `insert into numbers select i + ${2 ** k} from numbers`,
  ),
]

const schema = (orders = 20_000): string[] => [
  ...numbers(Math.max(40_000, orders)),
  'create table products (id integer primary key, name varchar(60) not null, price decimal(10, 2) not null)',
  "insert into products select i, concat('product ', left(sha2(i, 256), 32)), 1 + i % 99 from numbers where i <= 40000",
  'create table inventory (sku integer primary key, on_hand integer not null, reserved integer not null)',
  'insert into inventory select i, 100000, 0 from numbers where i <= 500',
  `create table orders (id bigint auto_increment primary key, customer_id integer not null, sku integer not null,
   total decimal(10, 2) not null, status varchar(60) not null, placed_at timestamp default current_timestamp)`,
  `insert into orders (customer_id, sku, total, status)
   select 1 + i % 20000, 1 + i % 500, 5 + i % 495, 'shipped' from numbers where i <= ${orders}`,
  'create index orders_customer on orders (customer_id)',
  `create table payments (id bigint auto_increment primary key, order_id bigint not null,
   amount decimal(10, 2) not null, booked_at timestamp default current_timestamp)`,
  'drop table numbers',
  'analyze table products, inventory, orders',
]

const COMMON: Omit<Dialect, 'engine' | 'settings'> = {
  schema,
  sleep: seconds => `select sleep(${seconds})`,
  longRead: (table, seconds) => `select count(*), sleep(${seconds}) from (select 1 from ${table}) as report`,
  lockTable: table => [`lock tables ${table} write`],
  advisory: {
    take: [{ sql: 'select get_lock(?, 100)', values: [ADVISORY_NAME] }],
    giveBack: [{ sql: 'select release_lock(?)', values: [ADVISORY_NAME] }],
    keep: `select get_lock('${ADVISORY_NAME}', 100)`,
  },
  contains: column => `${column} like ?`,
  tableLock: 'metadata',
  dropIndex: (name, table) => `drop index ${name} on ${table}`,
  createIndex: (name, table, column) => `create index ${name} on ${table} (${column})`,
}

const SETTINGS = {
  max_connections: 37,
  performance_schema: 'ON',
  innodb_lock_wait_timeout: 100,
}

export const MYSQL: Dialect = { ...COMMON, engine: 'mysql', settings: SETTINGS }
export const MARIADB: Dialect = { ...COMMON, engine: 'mariadb', settings: SETTINGS }
