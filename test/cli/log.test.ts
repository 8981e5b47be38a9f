// What other clients meet, out of the server's log and PgBouncer's console: beside a live watch, and laid into a bundle afterwards.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasPgbouncer, startPgbouncer } from '../../src/lab/postgres/pgbouncer.ts'
import { type Diagnosis, EXIT } from '../../src/model/index.ts'
import { writeBundle } from '../../src/store/index.ts'
import { evidence, idle, session, T0, times } from '../kit/evidence.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { type Ended, spillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, freshPaths, parsed } from './kit.ts'

const fresh = freshPaths()
const LIMIT = 2

describeWith('PostgreSQL 18 and its log', AVAILABLE.has(18), () => {
  let server: PostgresServer
  let log: string
  const held: pg.Client[] = []
  const url = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/postgres`

  beforeAll(async () => {
    server = await startPostgres({
      major: 18,
      settings: { logging_collector: 'on', log_destination: 'csvlog', log_filename: 'server.log' },
    })
    log = join(server.dataDir, 'log')
    const admin = await clientOf(server.superuserUrl())
    await admin.query(`create role watcher login; grant pg_monitor to watcher;
      create role capped login connection limit ${LIMIT}; create role web login`)
    await admin.end()
    for (let n = 0; n < LIMIT; n++) held.push(await clientOf(url('capped'), 'shop'))
  })
  afterAll(async () => {
    await Promise.all(held.map(client => client.end()))
    await server?.stop()
  })

  /** Clients of a role at its limit try again and again for as long as the work lasts; says how many were refused. */
  const whileRefused = async <T>(work: () => Promise<T>, target = url('capped')): Promise<[T, number]> => {
    const done = new AbortController()
    let refused = 0
    const trying = (async () => {
      while (!done.signal.aborted) {
        await clientOf(target).catch(() => refused++)
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    })()
    const result = await work()
    done.abort()
    await trying
    return [result, refused]
  }

  const diagnosisOf = ({ code, stdout, stderr }: Ended): Diagnosis => {
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr })
    return parsed(stdout) as unknown as Diagnosis
  }

  const expectRoleLimit = ({ outcome, findings, others }: Diagnosis) => {
    expect(outcome).toBe('diagnosed')
    expect(findings[0]).toMatchObject({ cause: 'role-limit', subject: { user: 'capped' } })
    expect(findings[0]!.evidence.filter(({ weight }) => weight === 'missing')).toEqual([])
    expect(others!.byFailure['role-limit']).toBe(others!.failed)
    expect(others!.bySource).toEqual({ log: others!.failed })
  }

  test('a role limit that no sample shows anew is found in the log', async () => {
    const args = ['diagnose', url('watcher'), '--for', '6s', '--log', log]
    const [ended, refused] = await whileRefused(() =>
      Promise.all([
        spillway([...args, '--json']),
        spillway(args),
        spillway(['diagnose', url('watcher'), '--for', '6s', '--json']),
      ]),
    )
    const [json, words, without] = ended
    const diagnosis = diagnosisOf(json!)
    expectRoleLimit(diagnosis)
    expect(diagnosis.others!.failed).toBeGreaterThan(10)
    expect(diagnosis.others!.failed).toBeLessThanOrEqual(refused)
    expect(words!.stdout).toMatch(/^ {2}Others +\d+ failed +role-limit ×\d+ +\(log\)$/m)
    expectClean(words!.stdout)
    expect(diagnosisOf(without!)).toMatchObject({ outcome: 'healthy' })
  })

  test('recorded with it, or laid into the bundle afterwards', async () => {
    const [withLog, without] = [fresh('with'), fresh('without')]
    const record = (file: string, ...more: string[]) =>
      spillway(['record', url('watcher'), file, '--for', '5s', ...more])
    const [[one, two]] = await whileRefused(() =>
      Promise.all([record(withLog, '--log', log), record(without)]),
    )
    expect([one!.code, two!.code]).toEqual([EXIT.fine, EXIT.fine])
    expectRoleLimit(diagnosisOf(await spillway(['diagnose', '--from', withLog, '--json'])))
    expectRoleLimit(diagnosisOf(await spillway(['diagnose', '--from', without, '--log', log, '--json'])))
    expect(diagnosisOf(await spillway(['diagnose', '--from', without, '--json']))).toMatchObject({
      outcome: 'healthy',
    })
  })

  test('what the pool of an application says, in the log of that application', async () => {
    const pool = new pg.Pool({ connectionString: url('web'), max: 1, connectionTimeoutMillis: 50 })
    const taken = await pool.connect()
    const said = await pool.connect().catch((error: Error) => String(error))
    taken.release()
    await pool.end()
    const [bundle, log] = [fresh('idling'), fresh('bank.log')]
    const bank = idle(3, { user: 'web', application: 'bank' })
    await writeBundle(
      bundle,
      evidence(40, () => ({ sessions: [session('1')], idle: [bank] })),
    )
    const lines = times(20, i => `${new Date(T0 + (20 + i) * 1000).toISOString()} ${said}\n`)
    writeFileSync(log, lines.join(''))
    const asked = (...more: string[]) => spillway(['diagnose', '--from', bundle, '--json', ...more])
    expect(diagnosisOf(await asked()).outcome).toBe('healthy')
    const others = { byFailure: { 'client-pool-timeout': 20 }, bySource: { application: 20 } }
    expect(diagnosisOf(await asked('--application-log', `bank=${log}`))).toMatchObject({
      findings: [{ cause: 'client-pool-starved', subject: { user: 'web', application: 'bank' } }],
      others,
    })
    // By the name of the file, which is that of no sessions.
    const [unknown, ...more] = diagnosisOf(await asked('--application-log', log)).findings
    expect(unknown).toMatchObject({ cause: 'client-pool-starved' })
    expect([unknown!.subject!.user, more]).toEqual([undefined, []])
    expectRefusal(await asked('--application-log', fresh('nowhere.log')), EXIT.unreadable)
  })

  test("Spillway's own refused attempts are not other clients'", async () => {
    const ended = await spillway(['diagnose', url('nobody'), '--for', '3s', '--log', log, '--json'])
    const { connect, others } = parsed(ended.stdout) as unknown as Diagnosis
    expect(connect.failed).toBeGreaterThan(0)
    expect(others?.failed ?? 0).toBeLessThanOrEqual(3) // the held connection's own, which no probe stands for
  })

  test.each([
    ['no such file', () => '/nonexistent/postgresql.log'],
    [
      'no log',
      () => {
        const file = fresh('notes.txt')
        writeFileSync(file, 'milk\nbread\n')
        return file
      },
    ],
    ['a folder without any', () => server.socketDir],
    ['a device', () => '/dev/null'],
  ])('%s', async (_, path) => {
    const bundle = fresh('bundle')
    await spillway(['record', url('watcher'), bundle, '--for', '1s'])
    expectRefusal(await spillway(['diagnose', '--from', bundle, '--log', path()]), EXIT.unreadable)
  })

  describeWith('and PgBouncer', hasPgbouncer(), () => {
    test('clients that wait at the pooler', async () => {
      const settings = { pool_mode: 'session', default_pool_size: 1, max_client_conn: 50 }
      const pooler = await startPgbouncer(server.port, ['web'], settings)
      const first = await clientOf(pooler.url('web'), 'shop')
      await first.query('select 1')
      const second = await clientOf(pooler.url('web'), 'shop')
      const answer = second.query('select 1')
      try {
        const args = ['diagnose', url('watcher'), '--for', '4s', '--pgbouncer', pooler.consoleUrl]
        const [json, words] = await Promise.all([spillway([...args, '--json']), spillway(args)])
        const { events, others } = diagnosisOf(json!)
        expect(events!.map(({ source, kind }) => `${source} ${kind}`)).toContain('pgbouncer pool-exhausted')
        // PgBouncer counts nobody it keeps waiting: no number is made up.
        expect(others).toBeUndefined()
        expect(words!.stdout).toContain('pgbouncer: pool postgres/web')
      } finally {
        await first.end()
        await answer
        await second.end()
        await pooler.stop()
      }
    })

    test('through the pooler: what its log tells, and what cannot be seen', async () => {
      const pooler = await startPgbouncer(server.port, ['watcher'], { pool_mode: 'transaction' })
      try {
        const args = ['diagnose', pooler.url('watcher'), '--for', '3s', '--pgbouncer-log', pooler.logFile]
        const [ended, refused] = await whileRefused(() => spillway([...args, '--json']), pooler.url('nobody'))
        const { connect, others, skipped, target } = diagnosisOf(ended)
        expect(target.viaPooler).toBe(true)
        expect(connect).toMatchObject({ failed: 0 })
        expect(others!.bySource.pooler).toBe(others!.failed)
        expect(others!.byFailure['authentication-failed']).toBeGreaterThan(0)
        expect(others!.byFailure['authentication-failed']).toBeLessThanOrEqual(refused)
        expect(skipped.map(({ check }) => check)).toContain('connects at the server')
      } finally {
        await pooler.stop()
      }
    })

    test('not with a bundle', async () => {
      const ended = await spillway([
        'diagnose',
        '--from',
        '/nonexistent',
        '--pgbouncer',
        'postgres://a@b/pgbouncer',
      ])
      expectRefusal(ended, EXIT.usage)
    })
  })
})
