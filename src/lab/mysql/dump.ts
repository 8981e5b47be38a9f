// mysqldump or mariadb-dump, whichever is installed: both can read both.
import { existsSync } from 'node:fs'
import { AppError } from '../../model/index.ts'
import { type LabServer, SHOP_DATABASE } from '../engine.ts'
import { HOST } from '../loopback.ts'

const PROGRAMS = ['/usr/bin/mysqldump', '/usr/bin/mariadb-dump']
/** Of the scenario that is dumped; one process reads one of them. */
const TABLES = ['orders', 'orders_1', 'orders_2', 'orders_3', 'orders_4', 'orders_5']

/** `locks`: one process for all tables, which nobody may change meanwhile: what the program does unless it is told otherwise. */
export const mysqlDumps = (server: LabServer, user: string, locks: boolean): string[][] => {
  const program = PROGRAMS.find(existsSync)
  if (program === undefined)
    throw new AppError('binaries-missing', 'no mysqldump was found', 'Debian: apt-get install mariadb-client')
  const command = [program, '--no-defaults', `--host=${HOST}`, `--port=${server.port}`, `--user=${user}`]
  if (locks) return [[...command, SHOP_DATABASE]]
  return TABLES.map(table => [...command, '--single-transaction', SHOP_DATABASE, table])
}
