// What a client meets at a MySQL or MariaDB that starts, stops, is stopped or dies, and whose certificate has expired.
// Ordered: each test leaves the server to the next.
import type { ChildProcess } from 'node:child_process'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mysqlEngine, mysqlTarget } from '../../src/engine/mysql/index.ts'
import type { ProbeResult } from '../../src/model/index.ts'
import { makeExpiredCertificate } from '../kit/certificate.ts'
import { clientOf, expectRefusal, type MysqlServer, SERVERS, startMysql } from '../kit/mysql.ts'
import { type Certificate, hasOpenssl } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { crowd, end, gone, howStarted, isStopped, type Restart } from '../kit/restart.ts'

/** How long a server may take to come to a state. */
const PATIENCE = { timeout: 40_000 }

for (const { name, program } of SERVERS) {
  describeWith(`${name} states`, program !== undefined && hasOpenssl(), () => {
    let server: MysqlServer
    let certificate: Certificate
    let start: Restart
    let second: ChildProcess | undefined

    beforeAll(async () => {
      certificate = makeExpiredCertificate('localhost')
      server = await startMysql(program!, { settings: { back_log: 1 }, tls: certificate })
      start = howStarted(server.pid, dirname(server.socket))
    })
    afterAll(async () => {
      if (second) await end(second, 'SIGKILL')
      await server?.stop()
      certificate?.remove()
    })

    const probe = (query = ''): Promise<ProbeResult> =>
      mysqlEngine(mysqlTarget(`${server.adminUrl()}${query}`, {}), { connectMs: 1_000 }).probe()
    const met = async (query?: string) => {
      const { failure, phase } = await probe(query)
      return [failure, phase]
    }

    test('an expired certificate, for who looks at it', async () => {
      const trusting = (mode: string) =>
        `${server.adminUrl()}?ssl-mode=${mode}&ssl-ca=${encodeURIComponent(certificate.certFile)}`.replace(
          '127.0.0.1',
          'localhost',
        )
      for (const mode of ['verify-identity', 'verify-ca', 'required']) {
        await expectRefusal(trusting(mode), 'tls-certificate', 'tls', 'tls-failed', 'CERT_HAS_EXPIRED')
      }
      expect(await probe('?ssl-mode=required')).toMatchObject({ ok: true })
    })

    test('stopped: the kernel answers, until its queue is full', async () => {
      server.signal('SIGSTOP')
      await expect.poll(() => isStopped(server.pid), PATIENCE).toBe(true)
      expect(await met()).toEqual(['handshake-timeout', 'tls'])
      expect(await met('?ssl-mode=disabled')).toEqual(['handshake-timeout', 'authenticate'])
      const disperse = crowd(server.port, 50)
      await expect.poll(() => met(), PATIENCE).toEqual(['connect-timeout', 'connect'])
      disperse()
      server.signal('SIGCONT')
      await expect.poll(async () => (await probe()).ok, PATIENCE).toBe(true)
    })

    test('shutting down: nobody listens any more, and the session is ended', async () => {
      const client = await clientOf(server.adminUrl())
      const running = client.query('select sleep(60)').catch((error: unknown) => error)
      server.signal('SIGTERM')
      await expect.poll(() => met(), PATIENCE).toEqual(['connection-refused', 'connect'])
      expect(await running).not.toBeUndefined()
      client.destroy()
      await gone(server.pid)
    })

    test('starting: nobody listens until it is ready', async () => {
      second = start.again()
      const seen = new Set<string>()
      await expect
        .poll(async () => {
          const { ok, failure } = await probe()
          if (failure) seen.add(failure)
          return ok
        }, PATIENCE)
        .toBe(true)
      expect(seen).toContain('connection-refused')
      // In the moment between listening and accepting the kernel answers.
      expect([...seen].filter(one => one !== 'handshake-timeout')).toEqual(['connection-refused'])
    })
  })
}
