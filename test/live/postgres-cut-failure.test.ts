// A PostgreSQL that dies in the middle of whatever it was saying.
import { postgresEngine, postgresTarget } from '../../src/engine/postgres/index.ts'
import { describeCuts } from '../kit/cut.ts'
import { AVAILABLE, clientOf, hasOpenssl, makeCertificate, startPostgres } from '../kit/postgres.ts'

const SECRET = 'right'

describeCuts('PostgreSQL cut off', AVAILABLE.size > 0 && hasOpenssl(), async () => {
  const certificate = makeCertificate('localhost')
  const server = await startPostgres({ tls: certificate, hba: ['host all app 127.0.0.1/32 scram-sha-256'] })
  certificate.remove()
  const admin = await clientOf(server.superuserUrl())
  await admin.query(`create role app login password '${SECRET}'; grant pg_monitor to app`)
  await admin.end()
  return {
    port: server.port,
    engine: (port, tls, connectMs) => {
      const target = `postgres://app:${SECRET}@127.0.0.1:${port}/postgres?sslmode=${tls ? 'require' : 'disable'}`
      return postgresEngine(postgresTarget(target, {}), { connectMs })
    },
    stop: () => server.stop(),
  }
})
