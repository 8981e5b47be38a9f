// A dump reads through all tables, several at a time, as the dump programs do.
import type { EngineName } from '../../model/index.ts'
import { spec } from './spec.ts'

const DUMP: Record<EngineName, { application: string; read(table: string): string; orders: number }> = {
  postgres: { application: 'pg_dump', read: table => `copy public.${table} to stdout`, orders: 300_000 },
  mysql: { application: 'mysqldump', read: mysqlRead, orders: 100_000 },
  mariadb: { application: 'mariadb-dump', read: mysqlRead, orders: 100_000 },
}

function mysqlRead(table: string): string {
  return `select /*!40001 SQL_NO_CACHE */ * from ${table}`
}

export const backup = spec('backup', 'a dump reads all tables at noon', ({ dialect }) => {
  const { application, read, orders } = DUMP[dialect.engine]
  return {
    schema: dialect.schema(orders),
    fault: [
      {
        do: 'repeat',
        user: 'deploy',
        application,
        sessions: 6,
        statements: ['orders', 'products', 'inventory', 'payments'].map(read),
        pauseMs: 0,
      },
    ],
    truth: { cause: 'backup', also: [], subject: { application } },
  }
})
