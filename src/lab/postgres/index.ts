// PostgreSQL in the lab.
import { type Address, type LabEngine, OBSERVER } from '../engine.ts'
import { connect, openPool } from './client.ts'
import { startPgbouncer } from './pgbouncer.ts'
import { asSuperuser, seedShop } from './seed.ts'
import { startPostgres } from './server.ts'

export const postgres: LabEngine = {
  start: ({ settings, hba = [], diskMb }, signal) => startPostgres({ settings, hba, diskMb, signal }),
  seed: seedShop,
  connect,
  openPool,
  asAdmin: asSuperuser,
  crash: 'SIGQUIT',
  shutdown: 'SIGINT',
  endSession: id => `select pg_terminate_backend(${id})`,
  startPooler: ({ port }, { services, pooler = {} }) =>
    startPgbouncer(
      port,
      services.map(({ name }) => name),
      pooler,
    ),
  observerUrl: ({ host, port, database }: Address) => `postgres://${OBSERVER}@${host}:${port}/${database}`,
}
