// Who blocks whom, against the server's own pg_blocking_pids() as the oracle, on chance workloads and chosen ones.
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MAX_AHEAD } from '../../src/engine/postgres/queue.ts'
import { type Random, seededRandom } from '../../src/lab/random.ts'
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

const SESSIONS = 14
const STEPS = 60
const SEEDS = [1, 2, 3]

const WAITS = `select wait_event_type = 'Lock' as ok from pg_stat_activity where pid = $1`
const WORKER_SLEEPS = `select count(*) > 0 as ok from pg_stat_activity
  where backend_type = 'parallel worker' and wait_event = 'PgSleep'`
const ALL_GONE = 'select not exists (select from pg_stat_activity where pid = any($1)) as ok'

for (const major of MAJORS) {
  describeWith(`PostgreSQL ${major}`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    let admin: pg.Client
    let watcher: Connection

    beforeAll(async () => {
      server = await startPostgres({
        major,
        // Deadlocks are welcome and stay.
        settings: { max_connections: 60, deadlock_timeout: '600s', max_prepared_transactions: 2 },
      })
      admin = await clientOf(server.superuserUrl(), 'oracle')
      await admin.query(`create table one (id int primary key, n int); insert into one select i, 0 from generate_series(1, 3) i;
        create table two (id int primary key, n int); insert into two select i, 0 from generate_series(1, 3) i`)
      watcher = await engineOf(server.superuserUrl()).connect()
    })
    afterAll(async () => {
      await watcher?.close()
      await admin?.end()
      await server?.stop()
    })

    test.each(SEEDS)('as pg_blocking_pids() says, seed %i', async seed => {
      const random = seededRandom(seed)
      const crowd = await Promise.all(Array.from({ length: SESSIONS }, () => member()))
      for (let step = 0; step < STEPS; step++) {
        const free = crowd.filter(({ busy }) => !busy)
        const chosen = free[Math.floor(random() * free.length)]
        if (chosen === undefined) break
        await settled(chosen, randomStatement(random))
      }
      await compare(crowd.length)
      await end(crowd)
    })

    test('a prepared transaction, and a queue behind it', async () => {
      const crowd = await Promise.all(Array.from({ length: 4 }, () => member()))
      const [owner, ...others] = crowd
      await owner!.client.query('begin; update one set n = 1 where id = 1')
      await owner!.client.query(`prepare transaction 'left'`)
      for (const one of others) await settled(one, 'update one set n = 2 where id = 1')
      const blockers = await compare(3)
      expect(blockers.flat()).toContain('prepared transaction')
      await admin.query(`rollback prepared 'left'`)
      await end(crowd)
    })

    test('parallel workers stand for their leader', async () => {
      const crowd = [await member(), await member()]
      const [leader, ddl] = crowd
      const force = major >= 16 ? 'debug_parallel_query' : 'force_parallel_mode'
      await leader!.client.query(
        `set ${force} = on; create table if not exists many as select generate_series(1, 3) as n`,
      )
      leader!.busy = true
      void leader!.client.query('select pg_sleep(60) from many').catch(() => undefined)
      while (!(await isTrue(WORKER_SLEEPS)));
      await settled(ddl!, 'lock table many in access exclusive mode')
      expect(await compare(1)).toEqual([[String(leader!.pid)]])
      await end(crowd)
    })

    interface Member {
      client: pg.Client
      pid: number
      busy: boolean
    }

    const member = async (): Promise<Member> => {
      const client = await clientOf(server.superuserUrl())
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      return { client, pid: rows[0]!.pid, busy: false }
    }

    const isTrue = async (sql: string, values: unknown[] = []): Promise<boolean> =>
      (await admin.query<{ ok: boolean }>(sql, values)).rows[0]?.ok === true

    /** Runs the statement in the session's transaction until it is done or waits for a lock. */
    const settled = async (one: Member, sql: string): Promise<void> => {
      one.busy = true
      const free = () => {
        one.busy = false
      }
      one.client.query(`begin; ${sql}`).then(free, () => one.client.query('rollback').then(free, free))
      while (one.busy && !(await isTrue(WAITS, [one.pid])));
    }

    /** Returns what was seen, waiter by waiter. */
    const compare = async (least: number): Promise<string[][]> => {
      const { rows } = await admin.query<{ pid: number; blockers: number[] }>(
        `select pid, pg_blocking_pids(pid) as blockers from pg_stat_activity where wait_event_type = 'Lock'`,
      )
      const expected = new Map(rows.map(({ pid, blockers }) => [String(pid), idsOf(blockers)]))
      const isComplete = ({ sessions }: Sample) => {
        const seen = sessions.filter(({ waitClass }) => waitClass === 'Lock')
        return seen.length === expected.size && seen.every(({ blockedBy }) => blockedBy !== undefined)
      }
      const sample = await sampleUntil(watcher, isComplete)
      expect(expected.size).toBeGreaterThanOrEqual(Math.min(least, 3))
      return sample.sessions
        .filter(({ waitClass }) => waitClass === 'Lock')
        .map(({ id, blockedBy }) => {
          const oracle = expected.get(id) ?? []
          expect(oracle).toEqual(expect.arrayContaining(blockedBy!))
          if (blockedBy!.length < MAX_AHEAD) expect([...blockedBy!].sort()).toEqual([...oracle].sort())
          return blockedBy!
        })
    }

    const end = async (crowd: Member[]): Promise<void> => {
      await admin.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [
        crowd.map(({ pid }) => pid),
      ])
      while (!(await isTrue(ALL_GONE, [crowd.map(({ pid }) => pid)])));
    }
  })
}

const idsOf = (pids: number[]): string[] => [
  ...new Set(pids.map(pid => (pid === 0 ? 'prepared transaction' : String(pid)))),
]

const MODES = [
  ...['access share', 'row share', 'row exclusive', 'share update exclusive', 'share', 'share row exclusive'],
  ...['exclusive', 'access exclusive'],
]

const randomStatement = (random: Random): string => {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!
  const table = pick(['one', 'two'])
  const id = pick([1, 2, 3])
  return pick([
    `update ${table} set n = n + 1 where id = ${id}`,
    `update ${table} set n = n + 1 where id = ${id}`,
    `select from ${table} where id = ${id} for share`,
    `select from ${table} where id = ${id} for key share`,
    `select from ${table} where id = ${id} for no key update`,
    `delete from ${table} where id = ${id}`,
    `select count(*) from ${table}`,
    `lock table ${table} in ${pick(MODES)} mode`,
    `select pg_advisory_xact_lock(${id})`,
    `select pg_advisory_lock_shared(${id})`,
    `savepoint s; update ${table} set n = n - 1 where id = ${id}`,
    `alter table ${table} alter column n set default ${id}`,
    `create index on ${table} (n)`,
  ])
}
