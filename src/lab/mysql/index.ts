// MySQL and MariaDB in the lab: the newest of each that can be started here.
import { AppError } from '../../model/index.ts'
import { type Address, type LabEngine, OBSERVER } from '../engine.ts'
import { connect, openPool } from './client.ts'
import { mysqlDumps } from './dump.ts'
import { type MysqlProgram, newestProgram } from './program.ts'
import { asAdmin, seedShop } from './seed.ts'
import { startMysql } from './server.ts'

const engineOf = (product: MysqlProgram['product']): LabEngine => ({
  start: async ({ settings, diskMb }, signal) => {
    const program = newestProgram(product)
    if (program === undefined) throw missing(product)
    const server = await startMysql(program, { settings, diskMb })
    if (!signal.aborted) return server
    await server.stop()
    throw signal.reason
  },
  seed: seedShop,
  connect,
  openPool,
  asAdmin,
  crash: 'SIGKILL',
  shutdown: 'SIGTERM',
  dumps: mysqlDumps,
  endSession: id => `kill ${id}`,
  observerUrl: ({ host, port }: Address) => `${product}://${OBSERVER}@${host}:${port}/`,
})

export const mysql = engineOf('mysql')
export const mariadb = engineOf('mariadb')

const missing = (product: string): AppError =>
  new AppError(
    'binaries-missing',
    `no ${product} server was found`,
    'npm run servers:mysql fetches them; Debian: apt-get install mariadb-server',
  )
