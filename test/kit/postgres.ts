// Throw-away PostgreSQL servers for tests, plain clients for them, and certificates for those with TLS.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { postgresEngine, postgresTarget } from '../../src/engine/postgres/index.ts'
import { allBinaries } from '../../src/lab/postgres/binaries.ts'
import type { Connection, Engine, Sample, SessionSample } from '../../src/model/index.ts'

export { type PostgresServer, startPostgres } from '../../src/lab/postgres/server.ts'

/** Versions Spillway promises to read. */
export const MAJORS = [12, 13, 14, 15, 16, 17, 18]
export const AVAILABLE = new Set(allBinaries().map(({ major }) => major))

export const engineOf = (url: string): Engine => postgresEngine(postgresTarget(url, {}))

/** A client of an application, with nothing of Spillway in it. */
export const clientOf = async (url: string, application = 'web'): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, application_name: application })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Samples until what was asked for is seen; fails after ten seconds with what was seen instead. `pause` comes between. */
export const sampleUntil = async (
  connection: Connection,
  condition: (sample: Sample) => boolean,
  pause: () => Promise<unknown> = async () => undefined,
): Promise<Sample> => {
  const deadline = performance.now() + 10_000
  for (;;) {
    const sample = await connection.sample()
    if (condition(sample)) return sample
    if (performance.now() > deadline) throw new Error(`not seen: ${JSON.stringify(sample.sessions, null, 1)}`)
    await pause()
  }
}

export const byId = (sample: Sample, id: number): SessionSample | undefined =>
  sample.sessions.find(session => session.id === String(id))

export interface Certificate {
  certFile: string
  keyFile: string
  remove(): void
}

export const hasOpenssl = (): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Self-signed, for one name. */
export const makeCertificate = (name: string): Certificate => {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-certificate-'))
  const [certFile, keyFile] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...subject], {
    stdio: 'ignore',
  })
  return { certFile, keyFile, remove: () => rmSync(dir, { recursive: true, force: true }) }
}
