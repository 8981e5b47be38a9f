// What happens within a tick of a real server, and to ticks while the observer itself is stopped.
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { activeByWaitClass } from '../../src/load/index.ts'
import { EXIT } from '../../src/model/index.ts'
import { readBundle } from '../../src/store/index.ts'
import { freshPaths } from '../cli/kit.ts'
import { AVAILABLE, clientOf, engineOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { startSpillway } from '../kit/spillway.ts'
import { observe } from '../kit/watch.ts'

const fresh = freshPaths()

describeWith('the ticks of a watch', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let admin: pg.Client
  const url = () => `postgres://app@127.0.0.1:${server.port}/postgres`
  beforeAll(async () => {
    server = await startPostgres()
    admin = await clientOf(server.superuserUrl(), 'admin')
    await admin.query('create role app login; grant pg_monitor to app; create table t as select 1 as a')
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  test('the first lock waiter makes a burst, whose means count, and peace ends it', async () => {
    const waiting = await clientOf(server.superuserUrl())
    const watched = observe(engineOf(url()), 1_000)
    try {
      await watched.until(({ tick }) => tick.signals.lock_waiters === 0)
      await admin.query('begin; lock table t')
      const blocked = waiting.query('select a from t')
      const { burst, tick } = await watched.until(({ tick: { samples = 1 } }) => samples > 1)
      expect(burst).toContain('lock')
      expect(tick.signals.lock_waiters).toBeGreaterThan(0)
      expect(tick.signals.lock_waiters).toBeLessThanOrEqual(1)
      expect(activeByWaitClass(tick)?.Lock).toBe(tick.signals.aas_lock)
      await admin.query('rollback')
      await blocked
      const calm = await watched.until(observation => observation.burst === undefined)
      expect(calm.tick.samples).toBeUndefined()
      expect(calm.tick.signals.lock_waiters).toBe(0)
    } finally {
      await watched.stop()
      await waiting.end()
    }
  })

  test('while the observer is stopped there are gaps, and afterwards it goes on in its place', async () => {
    const file = fresh('stopped')
    const running = startSpillway(['record', url(), file, '--for', '8s'])
    await running.says(/AAS[\s\S]*AAS/)
    running.process.kill('SIGSTOP')
    // The clock of the server tells the time that the observer does not see.
    await admin.query('select pg_sleep(2.5)')
    running.process.kill('SIGCONT')
    expect((await running.ended).code).toBe(EXIT.fine)
    const { ticks, tickMs } = await readBundle(file)
    expect(ticks.slice(1).map(({ t }, i) => t - ticks[i]!.t)).toEqual(ticks.slice(1).map(() => tickMs))
    expect(ticks).toHaveLength(8)
    const isGap = ticks.map(({ sessions }) => sessions === undefined)
    expect(isGap.filter(Boolean).length).toBeGreaterThanOrEqual(2)
    expect([isGap[0], isGap.at(-1)]).toEqual([false, false])
  })
})
