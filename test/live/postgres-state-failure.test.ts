// What a client meets at a server that starts, recovers, is stopped or dies, that nobody may enter, or whose certificate
// has expired. Ordered: each test leaves the server to the next.
import type { ChildProcess } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { postgresEngine, postgresTarget } from '../../src/engine/postgres/index.ts'
import type { Failure, Phase, ProbeResult } from '../../src/model/index.ts'
import { makeExpiredCertificate } from '../kit/certificate.ts'
import {
  AVAILABLE,
  type Certificate,
  clientOf,
  hasOpenssl,
  type PostgresServer,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { crowd, end, gone, howStarted, isStopped, type Restart } from '../kit/restart.ts'

/** Few, so that the queue of the listener is short: it is twice as long. */
const SETTINGS = {
  max_connections: 8,
  autovacuum_max_workers: 1,
  max_worker_processes: 1,
  max_wal_senders: 0,
}

/** How long a server may take to come to a state. */
const PATIENCE = { timeout: 15_000 }

for (const major of [15, 18]) {
  describeWith(`PostgreSQL ${major} states`, AVAILABLE.has(major) && hasOpenssl(), () => {
    let server: PostgresServer
    let certificate: Certificate
    let start: Restart
    let second: ChildProcess | undefined

    beforeAll(async () => {
      certificate = makeExpiredCertificate('localhost')
      server = await startPostgres({ major, settings: SETTINGS, tls: certificate })
      start = howStarted(server.pid, server.socketDir)
      const admin = await clientOf(server.superuserUrl())
      await admin.query('create role app login; create role secure login')
      await admin.end()
    })
    afterAll(async () => {
      if (second) await end(second, 'SIGQUIT')
      await server?.stop()
      certificate?.remove()
    })

    const url = (user: string, query = '', host = '127.0.0.1') =>
      `postgres://${user}@${host}:${server.port}/postgres?${query}`
    const probe = (target: string): Promise<ProbeResult> =>
      postgresEngine(postgresTarget(target, {}), { connectMs: 1_000 }).probe()
    const expectFailure = async (target: string, failure: Failure, phase: Phase, code?: string) => {
      await expect
        .poll(async () => {
          const { failure: met, phase: at, native } = await probe(target)
          return [met, at, ...(code === undefined ? [] : [native?.code])]
        }, PATIENCE)
        .toEqual([failure, phase, ...(code === undefined ? [] : [code])])
    }

    test('an expired certificate, for who looks at it', async () => {
      const trusting = (mode: string) =>
        url('app', `sslmode=${mode}&sslrootcert=${encodeURIComponent(certificate.certFile)}`, 'localhost')
      for (const mode of ['verify-full', 'verify-ca', 'require']) {
        await expectFailure(trusting(mode), 'tls-certificate', 'tls', 'CERT_HAS_EXPIRED')
      }
      expect(await probe(url('app', 'sslmode=require'))).toMatchObject({ ok: true })
    })

    test('every slot taken, for a superuser too', async () => {
      const open: pg.Client[] = []
      const fill = async () => {
        for (;;) open.push(await clientOf(server.superuserUrl()))
      }
      await expect(fill()).rejects.toMatchObject({ code: '53300' })
      await expectFailure(server.superuserUrl(), 'slots-exhausted', 'authenticate', '53300')
      await Promise.all(open.map(client => client.end()))
      await expect.poll(async () => (await probe(server.superuserUrl())).ok, PATIENCE).toBe(true)
    })

    test('no entry in pg_hba.conf', async () => {
      const lines = ['host all postgres 127.0.0.1/32 scram-sha-256', 'hostssl all secure 127.0.0.1/32 trust']
      const all = `${lines.join('\n')}\nhost all all 127.0.0.1/32 trust\n`
      const admin = await clientOf(server.superuserUrl())
      const reload = async (hba: string) => {
        writeFileSync(join(server.dataDir, 'pg_hba.conf'), hba)
        await admin.query('select pg_reload_conf()')
      }
      await reload(`${lines.join('\n')}\n`)
      await expectFailure(url('app', 'sslmode=require'), 'not-permitted', 'authenticate', '28000')
      await expectFailure(url('secure', 'sslmode=disable'), 'tls-required', 'authenticate', '28000')
      expect(await probe(url('secure', 'sslmode=require'))).toMatchObject({ ok: true })
      // Without TLS at the server, it is not for want of it.
      await admin.query('alter system set ssl = off')
      await reload(`${lines[0]}\n`)
      await expectFailure(url('app', 'sslmode=prefer'), 'not-permitted', 'authenticate', '28000')
      await reload(all)
      await expect.poll(async () => (await probe(url('app'))).ok, PATIENCE).toBe(true)
      await admin.end()
    })

    test('crashed, and recovering', async () => {
      const [stopped, killed] = [await clientOf(url('app')), await clientOf(url('app'))]
      // It dies when it is waited for no longer, or runs again: until then the server stays in recovery.
      process.kill(pidOf(stopped), 'SIGSTOP')
      process.kill(pidOf(killed), 'SIGKILL')
      await expectFailure(url('app'), 'server-starting', 'authenticate', '57P03')
      process.kill(pidOf(stopped), 'SIGCONT')
      await expect.poll(async () => (await probe(url('app'))).ok, PATIENCE).toBe(true)
    })

    test('stopped: the kernel answers, until its queue is full', async () => {
      process.kill(server.pid, 'SIGSTOP')
      await expect.poll(() => isStopped(server.pid), PATIENCE).toBe(true)
      await expectFailure(url('app'), 'handshake-timeout', 'tls')
      await expectFailure(url('app', 'sslmode=disable'), 'handshake-timeout', 'authenticate')
      const disperse = crowd(server.port, 200)
      await expect.poll(async () => (await probe(url('app'))).failure, PATIENCE).toBe('connect-timeout')
      disperse()
      process.kill(server.pid, 'SIGCONT')
      await expect.poll(async () => (await probe(url('app'))).ok, PATIENCE).toBe(true)
    })

    test('killed, then starting up', async () => {
      server.signal('SIGQUIT')
      await gone(server.pid)
      await expectFailure(url('app'), 'connection-refused', 'connect', 'ECONNREFUSED')
      // It waits for its archive for as long as it is looked at.
      writeFileSync(join(server.dataDir, 'recovery.signal'), '')
      appendFileSync(join(server.dataDir, 'postgresql.conf'), "restore_command = 'sleep 5'\n")
      second = start.again()
      await expectFailure(url('app'), 'server-starting', 'authenticate', '57P03')
    })
  })
}

const pidOf = (client: pg.Client): number => (client as pg.Client & { processID: number }).processID
