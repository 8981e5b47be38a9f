// What a user reads when all goes well: health, a pile-up with its head, a bundle that says the same, and no literal.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  DIAGNOSIS_SCHEMA,
  type Diagnosis,
  EXIT,
  PHASES,
  type Plan,
  type SlotHolder,
} from '../../src/model/index.ts'
import {
  AVAILABLE,
  clientOf,
  engineOf,
  type PostgresServer,
  sampleUntil,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { type Ended, spillway } from '../kit/spillway.ts'
import { expectClean, freshPaths, parsed } from './kit.ts'

const fresh = freshPaths()
const LITERAL = 's3cr3t-literal'
const WAITERS = 3

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  const url = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/postgres`
  const fine = async (args: string[], env = {}): Promise<Ended> => {
    const ended = await spillway(args, { env })
    expectClean(ended.stdout + ended.stderr)
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: EXIT.fine, stderr: ended.stderr })
    return ended
  }
  const diagnosisOf = async (...args: string[]): Promise<Diagnosis> => {
    const { stdout, stderr } = await fine(['diagnose', '--json', ...args])
    expect(stderr).toBe('')
    return parsed(stdout) as unknown as Diagnosis
  }

  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 40 } })
    const admin = await clientOf(server.superuserUrl())
    await admin.query(`create table hot (id int primary key, note text); insert into hot values (1, ''), (2, '');
      create role app login; grant all on hot to app; create role stranger login;
      create role monitor login; grant pg_monitor to monitor`)
    await admin.end()
  })
  afterAll(() => server?.stop())

  describe('in peace', () => {
    test.concurrent('diagnose says healthy, in JSON and in words', async () => {
      const [diagnosis, words] = await Promise.all([
        diagnosisOf(url('monitor'), '--for', '4s'),
        fine(['diagnose', url('monitor'), '--for', '4s']),
      ])
      expect(diagnosis).toMatchObject({ schema: DIAGNOSIS_SCHEMA, outcome: 'healthy', findings: [] })
      expect(diagnosis).toMatchObject({ connect: { failed: 0 }, load: { ticks: 4, gaps: 0 } })
      expect(diagnosis.connect.attempts).toBeGreaterThanOrEqual(4)
      expect(words.stdout).toContain(`monitor@127.0.0.1:${server.port}/postgres`)
      expect(words.stdout).toContain(diagnosis.target.engineVersion)
    })

    test.concurrent.each(['bundle', 'bundle.tar.gz'])(
      'what record writes as %s is diagnosed as healthy',
      async name => {
        const path = fresh(name)
        await fine(['record', url('monitor'), path, '--for', '4s'])
        const diagnosis = await diagnosisOf('--from', path)
        expect(diagnosis).toMatchObject({ outcome: 'healthy', load: { ticks: 4 }, connect: { failed: 0 } })
        expect(diagnosis.target.engineVersion).toMatch(new RegExp(`^${server.major}\\.`))
      },
    )

    test.concurrent('probe times every phase, one attempt a second', async () => {
      const { stdout, stderr } = await fine(['probe', url('app'), '--count', '3', '--json'])
      expect(stderr).toBe('')
      const probes = stdout.trim().split('\n')
      expect(probes).toHaveLength(3)
      const times = probes.map(line => {
        const { ok, t, phaseMs } = JSON.parse(line) as { ok: boolean; t: string; phaseMs: object }
        expect({ ok, phases: Object.keys(phaseMs) }).toEqual({ ok: true, phases: PHASES })
        return Date.parse(t)
      })
      expect(times[2]! - times[0]!).toBeGreaterThanOrEqual(1_900)
      const words = await fine(['probe', url('app')])
      for (const phase of PHASES) expect(words.stdout).toContain(` ${phase} `)
    })

    test.concurrent('doctor prints the GRANT, to whom it is missing and to nobody else', async () => {
      const [stranger, monitor, json] = await Promise.all([
        fine(['doctor', url('stranger')]),
        fine(['doctor', url('monitor')]),
        fine(['doctor', url('stranger'), '--json']),
      ])
      expect(stranger.stdout).toContain('GRANT pg_monitor TO stranger;')
      expect(monitor.stdout).not.toContain('pg_monitor TO')
      const { schema, checks } = parsed(json.stdout)
      expect(schema).toBe('spillway/doctor/v1')
      expect(checks).toContainEqual(
        expect.objectContaining({
          name: 'see-all-sessions',
          ok: false,
          fix: 'GRANT pg_monitor TO stranger;',
        }),
      )
    })

    test.concurrent('blocking and slots have nothing to tell', async () => {
      const [blocking, slots] = await Promise.all([
        fine(['blocking', url('monitor'), '--json']),
        fine(['slots', url('monitor'), '--json']),
      ])
      expect(parsed(blocking.stdout)).toMatchObject({
        schema: 'spillway/blocking/v1',
        heads: [],
        waitsFor: {},
      })
      expect(parsed(slots.stdout)).toMatchObject({ schema: 'spillway/slots/v1', usable: 37, holders: [] })
    })

    test.concurrent.each<[string, () => [string[], Record<string, string>]]>([
      ['pairs', () => [[`host=127.0.0.1 port=${server.port} user=monitor dbname=postgres`], {}]],
      ['DATABASE_URL', () => [[], { DATABASE_URL: url('monitor') }]],
      [
        'PG*',
        () => [
          [],
          { PGHOST: '127.0.0.1', PGPORT: `${server.port}`, PGUSER: 'monitor', PGDATABASE: 'postgres' },
        ],
      ],
    ])('a target out of %s', async (_, given) => {
      const [args, env] = given()
      const { stdout } = await fine(['slots', '--json', ...args], env)
      expect(parsed(stdout)).toMatchObject({ target: { name: `monitor@127.0.0.1:${server.port}/postgres` } })
    })
  })

  describe('in a pile-up on one row', () => {
    const clients: pg.Client[] = []
    let [head, waiters]: [string, string[]] = ['', []]
    const UPDATE = `update hot set note = '${LITERAL}' where id = 1 and note <> $$${LITERAL}$$ /* ${LITERAL} */`

    beforeAll(async () => {
      const open = async (application: string): Promise<[pg.Client, string]> => {
        const client = await clientOf(url('app'), application)
        clients.push(client)
        const { rows } = await client.query<{ pid: string }>('select pg_backend_pid()::text as pid')
        return [client, rows[0]!.pid]
      }
      const [billing, pid] = await open('billing')
      head = pid
      await billing.query('begin')
      await billing.query(UPDATE)
      for (let n = 0; n < WAITERS; n++) {
        const [web, waiter] = await open('web')
        waiters.push(waiter)
        web.query(UPDATE).catch(() => undefined)
      }
      const watcher = await engineOf(url('monitor')).connect()
      await sampleUntil(watcher, ({ signals }) => signals.lock_waiters === WAITERS)
      await watcher.close()
    })
    afterAll(async () => {
      // The head first: the others wait for it.
      for (const client of clients) await client.end()
    })

    test.concurrent('plan names the head as data, with what it would bring', async () => {
      const { stdout } = await fine(['plan', url('monitor'), '--for', '4s', '--json'])
      const { advice, hash } = parsed(stdout) as unknown as Plan
      expect(hash).toMatch(/^[0-9a-f]{64}$/)
      expect(advice[0]).toMatchObject({
        remedy: 'end-session',
        steps: [{ actuator: 'sql', what: { kind: 'end-session', session: { id: head } }, reversible: false }],
        effect: { aas: { before: WAITERS, after: 0 }, sessionsFreed: WAITERS },
      })
    })

    // By itself: what the other commands here open is load on this server, and two watches would see it differently.
    test('diagnose and a recorded bundle agree on the cause and on the head', async () => {
      const path = fresh('bundle')
      const [live] = await Promise.all([
        diagnosisOf(url('monitor'), '--for', '4s'),
        fine(['record', url('monitor'), path, '--for', '4s']),
      ])
      const replayed = await diagnosisOf('--from', path)
      for (const { outcome, findings, blocking, load } of [live, replayed]) {
        expect(outcome).toBe('diagnosed')
        expect(findings[0]).toMatchObject({
          cause: 'idle-in-transaction',
          subject: { session: { id: head } },
        })
        expect(blocking).toHaveLength(1)
        expect(blocking[0]).toMatchObject({ session: { id: head }, blocked: WAITERS })
        expect(load.byWaitClass).toEqual({ Lock: WAITERS })
      }
      expect(replayed.findings.map(({ cause }) => cause)).toEqual(live.findings.map(({ cause }) => cause))
    })

    test.concurrent('blocking draws the tree', async () => {
      const [words, json] = await Promise.all([
        fine(['blocking', url('monitor')]),
        fine(['blocking', url('monitor'), '--json']),
      ])
      const { heads, waitsFor } = parsed(json.stdout) as { heads: object[]; waitsFor: Record<string, string> }
      expect(heads).toHaveLength(1)
      expect(heads[0]).toMatchObject({
        session: { id: head, state: 'idle in transaction', user: 'app', application: 'billing' },
        blocked: WAITERS,
        lock: { kind: 'row', object: 'hot' },
      })
      expect(Object.keys(waitsFor).sort()).toEqual([...waiters].sort())
      const [title, root, ...below] = words.stdout.trimEnd().split('\n')
      expect(title).toMatch(new RegExp(`\\b${WAITERS}\\b.*\\b${head}\\b`))
      expect(root).toMatch(new RegExp(`^${head} billing/app `))
      expect(below.map(line => /─ (\d+) web\/app /.exec(line)?.[1]).sort()).toEqual([...waiters].sort())
    })

    test.concurrent('slots says who holds them', async () => {
      const [words, json] = await Promise.all([
        fine(['slots', url('monitor')]),
        fine(['slots', url('monitor'), '--json']),
      ])
      const common = { user: 'app', host: '127.0.0.1', idle: 0 }
      const holders: SlotHolder[] = [
        { ...common, application: 'web', slots: 3, active: 3, waiting: 3, idleInTransaction: 0 },
        { ...common, application: 'billing', slots: 1, active: 0, waiting: 0, idleInTransaction: 1 },
      ]
      expect(parsed(json.stdout)).toMatchObject({
        holders,
        byState: { active: WAITERS, 'idle in transaction': 1 },
      })
      for (const { application } of holders) expect(words.stdout).toContain(application)
    })

    test.concurrent('statements says what the load goes to', async () => {
      const [words, json] = await Promise.all([
        fine(['statements', url('monitor'), '--for', '3s']),
        fine(['statements', url('monitor'), '--for', '3s', '--json']),
      ])
      const { source, statements } = parsed(json.stdout) as { source: string; statements: { aas: number }[] }
      expect(source).toBe('samples')
      const statement = 'update hot set note = ? where id = ? and note <> ?'
      expect(statements).toMatchObject([{ statement, aas: WAITERS, share: 1 }])
      expect(words.stdout).toContain('update hot set note = ?')
    })

    test.concurrent('no literal and no comment of a statement gets out', async () => {
      const [folder, archive] = [fresh('bundle'), fresh('bundle.tar.gz')]
      const outputs = await Promise.all([
        fine(['diagnose', url('monitor'), '--for', '3s']),
        fine(['diagnose', url('monitor'), '--for', '3s', '--json']),
        fine(['record', url('monitor'), folder, '--for', '3s']),
        fine(['record', url('monitor'), archive, '--for', '3s']),
        ...['blocking', 'slots', 'doctor'].map(verb => fine([verb, url('monitor')])),
        ...['blocking', 'slots', 'doctor'].map(verb => fine([verb, url('monitor'), '--json'])),
        fine(['statements', url('monitor'), '--for', '3s', '--json']),
      ])
      const files = readdirSync(folder).map(name => readFileSync(join(folder, name), 'utf8'))
      files.push(gunzipSync(readFileSync(archive)).toString('utf8'))
      // The statement itself is there: it is not that nothing was looked at.
      expect(files.filter(text => text.includes('update hot set note = ?')).length).toBe(2)
      for (const text of [...files, ...outputs.flatMap(({ stdout, stderr }) => [stdout, stderr])]) {
        expect(text).not.toMatch(/s3cr3t/i)
      }
    })

    test.concurrent('a role without pg_monitor is told what it does not see', async () => {
      const [json, ...words] = await Promise.all([
        fine(['diagnose', url('stranger'), '--for', '3s', '--json']),
        ...['slots', 'blocking'].map(verb => fine([verb, url('stranger')])),
        fine(['diagnose', url('stranger'), '--for', '3s']),
      ])
      for (const { stderr } of [json, ...words]) expect(stderr).toContain('pg_monitor')
      const diagnosis = parsed(json.stdout) as unknown as Diagnosis
      expect(diagnosis.slots.byState).toMatchObject({ unknown: WAITERS + 1 })
      // What cannot be seen is not known to be healthy, and the diagnosis itself says so.
      expect(diagnosis.outcome).not.toBe('healthy')
      expect(diagnosis.skipped.length).toBeGreaterThan(0)
    })
  })
})
