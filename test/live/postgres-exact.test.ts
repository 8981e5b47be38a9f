// The server's clock and its counts of statements, against every PostgreSQL there is here.
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { marked } from '../../src/engine/postgres/mark.ts'
import { StatementCounts } from '../../src/engine/postgres/statements.ts'
import type { Connection, Sample } from '../../src/model/index.ts'
import {
  AVAILABLE,
  clientOf,
  engineOf,
  MAJORS,
  type PostgresServer,
  sampleUntil,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

/** Any schema will do, and one that has to be quoted. */
const SCHEMA = '"Odd one"'

for (const major of MAJORS) {
  describeWith(`PostgreSQL ${major}`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    let admin: pg.Client
    let watcher: Connection

    beforeAll(async () => {
      const settings = { shared_preload_libraries: 'pg_stat_statements', max_connections: 30 }
      server = await startPostgres({ major, settings })
      admin = await clientOf(server.superuserUrl(), 'admin')
      await admin.query(`create schema ${SCHEMA}; create extension pg_stat_statements schema ${SCHEMA}`)
      await admin.query('create table hot (id int primary key, n int); insert into hot values (1, 0)')
      await admin.query('create role watcher login; grant pg_monitor to watcher; create role stranger login')
      await admin.query(`grant usage on schema ${SCHEMA} to watcher`)
      await admin.query('create role app login; grant all on hot to app')
    })
    afterEach(() => watcher?.close())
    afterAll(async () => {
      await admin?.end()
      await server?.stop()
    })

    const url = (role: string) => `postgres://${role}@127.0.0.1:${server.port}/postgres`

    if (major >= 14)
      test('the clock has statements too short to be met, and those that still run', async () => {
        watcher = await engineOf(url('watcher')).connect()
        const [long, short] = [await clientOf(url('app')), await clientOf(url('app'))]
        const running = long.query('select n, pg_sleep(30) from hot').catch(() => undefined)
        let going = true
        const work = (async () => {
          while (going) await short.query('select n, pg_sleep(0.002) from hot')
        })()
        const exact: number[] = []
        const isEnough = ({ signals }: Sample) => {
          if (signals.aas_exact !== undefined) exact.push(signals.aas_exact)
          return exact.length === 4
        }
        // At the pace of samples: without a pause Spillway would be load itself.
        await sampleUntil(watcher, isEnough, () => sleep(250))
        going = false
        await work
        await admin.query('select pg_cancel_backend(pid) from pg_stat_activity where wait_event = $1', [
          'PgSleep',
        ])
        await running
        await Promise.all([long.end(), short.end()])
        // The first one has the time in which the two came.
        const settled = exact.slice(1).reduce((sum, value) => sum + value, 0) / 3
        expect(settled).toBeGreaterThan(1.1)
        expect(settled).toBeLessThan(2.5)
      })

    test('no clock before 14, and none for a role that does not see the statements it would add', async () => {
      watcher = await engineOf(url(major < 14 ? 'watcher' : 'stranger')).connect()
      const start = performance.now()
      const samples: Sample[] = []
      await sampleUntil(watcher, sample => samples.push(sample) > 1 && performance.now() - start > 1_100)
      expect(samples.filter(({ signals }) => 'aas_exact' in signals)).toEqual([])
    })

    test('what statements did: as often as it was called, and nothing of Spillway', async () => {
      const client = await clientOf(url('app'))
      const observer = await clientOf(url('watcher'), 'spillway')
      const ask = async <Row>(sql: string, values?: unknown[]) =>
        (await observer.query(marked(sql), values)).rows as Row[]
      const counts = new StatementCounts(0)
      expect(await counts.read(ask)).toEqual([])
      const CALLS = 30
      for (let i = 0; i < CALLS; i++) await client.query(`update hot set n = ${i} where id = 1`)
      const statements = await counts.read(ask)
      expect(statements).toEqual([
        {
          statementId: expect.stringMatching(/^-?\d+$/),
          statement: 'update hot set n = $1 where id = $2',
          calls: CALLS,
          totalMs: expect.any(Number),
          rows: CALLS,
          blocksRead: expect.any(Number),
        },
      ])
      expect(statements![0]!.totalMs).toBeGreaterThan(0)
      await admin.query(`select ${SCHEMA}.pg_stat_statements_reset()`)
      await client.query('update hot set n = 7 where id = 1')
      const id = statements![0]!.statementId
      expect((await counts.read(ask))!.find(({ statementId }) => statementId === id)?.calls).toBe(1)
      await Promise.all([client.end(), observer.end()])
    })

    test('counts that may not be read: the sample is whole, and doctor says what is missing', async () => {
      watcher = await engineOf(url('stranger')).connect()
      expect((await watcher.sample()).statements).toBeUndefined()
      const checks = Object.fromEntries((await watcher.examine()).map(check => [check.name, check]))
      expect(checks.pg_stat_statements).toMatchObject({ ok: false })
      expect(checks.pg_stat_statements!.fix).toBe(`GRANT USAGE ON SCHEMA ${SCHEMA} TO stranger;`)
    })

    test('doctor', async () => {
      watcher = await engineOf(server.superuserUrl('template1')).connect()
      const checks = Object.fromEntries((await watcher.examine()).map(check => [check.name, check]))
      expect(checks.pg_stat_statements).toMatchObject({ ok: false })
      expect(checks.pg_stat_statements!.fix).toMatch(/^CREATE EXTENSION/)
      expect(checks['server-clock']!.ok).toBe(major >= 14)
      expect(checks['statement-ids']!.ok).toBe(major >= 14)
    })
  })
}
