// PostgreSQL in the lab.
import { type Address, type LabEngine, OBSERVER } from '../engine.ts'
import { connect, openPool } from './client.ts'
import { postgresDumps } from './dump.ts'
import { startPgbouncer } from './pgbouncer.ts'
import { asSuperuser, seedShop } from './seed.ts'
import { startPostgres } from './server.ts'

export const postgres: LabEngine = {
  start: ({ settings, hba = [], diskMb, major }, signal) =>
    startPostgres({ settings, hba, diskMb, signal, ...(major !== undefined && { major }) }),
  seed: seedShop,
  connect,
  openPool,
  asAdmin: asSuperuser,
  crash: 'SIGQUIT',
  shutdown: 'SIGINT',
  dumps: postgresDumps,
  endSession: id => `select pg_terminate_backend(${id})`,
  startPooler: ({ port }, { services, pooler = {} }) =>
    startPgbouncer(
      port,
      services.map(({ name }) => name),
      pooler,
    ),
  observerUrl: ({ host, port, database }: Address) => `postgres://${OBSERVER}@${host}:${port}/${database}`,
}
