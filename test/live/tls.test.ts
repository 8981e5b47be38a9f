// Whom Spillway believes to be a PostgreSQL server, and logins that AWS has, on real servers.
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { expect } from 'vitest'
import { postgresEngine, postgresTarget } from '../../src/engine/postgres/index.ts'
import type { Signed } from '../kit/authority.ts'
import { AVAILABLE, clientOf, hasOpenssl, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { type Subject, trustTable } from '../kit/trusting.ts'

for (const major of [15, 18]) {
  describeWith(`PostgreSQL ${major} with TLS and AWS`, AVAILABLE.has(major) && hasOpenssl(), () => {
    trustTable(certificate => start(major, certificate))
  })
}

/** RDS asks for a token in the clear, inside of TLS, as `password` does. */
const HBA = ['hostssl all app 127.0.0.1/32 password', 'hostnossl all app 127.0.0.1/32 reject']

const start = async (major: number, tls: Signed): Promise<Subject> => {
  const server = await startPostgres({ major, hba: HBA, tls })
  const admin = await clientOf(server.superuserUrl())
  await admin.query('create role app login')
  return {
    port: server.port,
    show: async ({ certFile, keyFile }) => {
      copyFileSync(certFile, join(server.dataDir, 'server.crt'))
      copyFileSync(keyFile, join(server.dataDir, 'server.key'))
      await admin.query('select pg_reload_conf()')
      // The postmaster reads it when it gets round to it.
      const expected = new X509Certificate(readFileSync(certFile)).fingerprint256
      await expect.poll(() => shownAt(server.port)).toBe(expected)
    },
    setPassword: async password => {
      await admin.query(`alter role app password '${password}'`)
    },
    engine: (place, settings, source) => {
      const target = postgresTarget(
        `postgres://${place}`,
        { PGUSER: 'app', PGDATABASE: 'postgres' },
        { settings },
      )
      return postgresEngine(source ? Object.assign(target, { source }) : target)
    },
    stop: async () => {
      await admin.end()
      await server.stop()
    },
  }
}

/** Fingerprint of the certificate that a client gets. */
const shownAt = async (port: number): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  await once(socket, 'data')
  const secure = connectTls({ socket, rejectUnauthorized: false })
  await once(secure, 'secureConnect')
  const { fingerprint256 } = secure.getPeerCertificate()
  secure.destroy()
  return fingerprint256
}
