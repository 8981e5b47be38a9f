// spillway apply, rollback and export as a user has them, on a real PostgreSQL: refused, shown, done, measured, taken back.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Advice, Effect, Plan, Step } from '../../src/model/index.ts'
import { lockPath, sealPlan } from '../../src/store/index.ts'
import { AVAILABLE, clientOf, engineOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { spillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, freshPaths, parsed } from './kit.ts'

const path = freshPaths()

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let admin: pg.Client
  let url: string
  let state: string
  beforeAll(async () => {
    server = await startPostgres({})
    url = server.superuserUrl()
    admin = await clientOf(url, 'admin')
    state = path('state')
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  const setting = (name: string, before: string, after: string): Step => ({
    actuator: 'sql',
    what: { kind: 'setting', name, needsRestart: false },
    before,
    after,
    reversible: true,
    outage: 'none',
    verify: ['engine', 'health-gate'],
  })
  const still = (aas: number, after = aas): Effect => ({
    aas: { before: aas, after },
    slots: { before: 3, after: 3 },
    sessionsFreed: 0,
    slotsFreed: 0,
    connectsRecover: true,
    summary: '',
  })
  const advice = (steps: Step[], effect = still(0)): Advice => ({
    remedy: 'lock-timeout',
    horizon: 'for-good',
    title: 'a test',
    effect,
    cost: '',
    reversible: true,
    steps,
    commands: [],
  })
  const file = async (all: Advice[], more: Partial<Plan> = {}) => {
    const { target } = engineOf(url)
    const plan = sealPlan({
      schema: 'spillway/plan/v1',
      target,
      createdAt: Date.now(),
      advice: all,
      notAdvised: [],
      ...more,
    })
    const at = path('plan.json')
    await writeFile(at, JSON.stringify(plan))
    return { at, hash: String(plan.hash) }
  }
  const run = (...args: string[]) => spillway(args, { env: { SPILLWAY_STATE: state, DATABASE_URL: url } })
  const serverHas = async (name: string) =>
    (await admin.query<{ setting: string }>('select setting from pg_settings where name = $1', [name]))
      .rows[0]?.setting
  const timeout = () => file([advice([setting('lock_timeout', '0', '9s')])])

  test('shows what it would do, and does nothing', async () => {
    const { at, hash } = await timeout()
    const ended = await run('apply', at)
    expect(ended.code).toBe(0)
    expectClean(ended.stdout)
    expect(ended.stdout).toContain(hash.slice(0, 12))
    const answer = parsed((await run('apply', at, '--json')).stdout)
    expect(answer).toMatchObject({
      hash,
      operations: [{ by: 'sql', before: { lock_timeout: '0' }, after: { lock_timeout: '9s' } }],
    })
    expect(await serverHas('lock_timeout')).toBe('0')
    expect(existsSync(state)).toBe(false)
  })

  test('does it with the hash, verifies it, and takes it back', async () => {
    const { at, hash } = await timeout()
    const ended = await run('apply', at, '--execute', hash.slice(0, 12), '--settle', '8s', '--json')
    expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 })
    const applied = parsed(ended.stdout) as { run: string; outcome: string }
    expect(applied.outcome).toBe('verified')
    expect(await serverHas('lock_timeout')).toBe('9000')
    const journal = readFileSync(join(state, 'run', `${applied.run}.ndjson`), 'utf8')
      .trim()
      .split('\n')
    expect(journal.map(line => JSON.parse(line).event)).toEqual([
      'begin',
      'intend',
      'acted',
      'settled',
      'verified',
      'end',
    ])
    expect(JSON.parse(journal[1]!).detail).toMatchObject({
      before: { lock_timeout: '0' },
      after: { lock_timeout: '9s' },
    })
    expect(JSON.parse(journal[0]!).detail.who).toContain(hostname())
    expect(await readdir(join(state, 'lock'))).toEqual([])

    const again = await run('apply', at, '--execute', hash, '--json')
    expect(parsed(again.stdout)).toMatchObject({ outcome: 'in-place', because: 'it was so already' })
    const back = await run('rollback', applied.run, '--json')
    expect(back.code).toBe(0)
    expect(parsed(back.stdout)).toMatchObject({ outcome: 'rolled-back' })
    expect(await serverHas('lock_timeout')).toBe('0')
    expect((await run('rollback')).stdout).toContain(applied.run)
  })

  test('what keeps applications out is taken back', async () => {
    const { at, hash } = await file(
      [advice([setting('session_preload_libraries', '', 'no_such_library')])],
      {},
    )
    const ended = await run('apply', at, '--execute', hash, '--settle', '6s', '--json')
    expect(ended.code).toBe(5)
    expect(parsed(ended.stdout)).toMatchObject({
      outcome: 'rolled-back',
      operations: [{ state: 'taken-back' }],
    })
    expect(await serverHas('session_preload_libraries')).toBe('')
  })

  test('what does not help as promised is taken back', async () => {
    const load = await Promise.all(Array.from({ length: 6 }, () => clientOf(url, 'web')))
    const asleep = load.map(one => one.query('select pg_sleep(60)').catch(() => undefined))
    const { at, hash } = await file([advice([setting('lock_timeout', '0', '9s')], still(6, 0))])
    const ended = await run('apply', at, '--execute', hash, '--settle', '5s', '--json')
    expect(ended.code).toBe(5)
    expect(await serverHas('lock_timeout')).toBe('0')
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'web'")
    await Promise.all([...asleep, ...load.map(one => one.end().catch(() => undefined))])
  })

  test('one plan at a time, and what a dead process left behind does not count', async () => {
    const { at, hash } = await timeout()
    const lock = lockPath(state, engineOf(url).target.name)
    const owner = {
      who: 'ann',
      host: hostname(),
      run: 'r',
      since: new Date(Date.now() - 600_000).toISOString(),
    }
    await mkdir(dirname(lock), { recursive: true })
    await writeFile(lock, JSON.stringify({ ...owner, pid: process.pid }))
    expectRefusal(
      await run('apply', at, '--execute', hash),
      1,
      /ann has been changing this database for 10 min/,
    )
    expect(await serverHas('lock_timeout')).toBe('0')
    await writeFile(lock, JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }))
    const ended = await run('apply', at, '--execute', hash, '--settle', '6s', '--json')
    expect(ended.code).toBe(0)
    expect((await run('rollback', String(parsed(ended.stdout).run))).code).toBe(0)
  })

  test('refuses a plan that is not this one, not now or not here, and sends nothing', async () => {
    const { at, hash } = await timeout()
    expectRefusal(await run('apply', at, '--execute', 'f'.repeat(64)), 65, /hash/)
    expectRefusal(await run('apply', at, '--execute', hash.slice(0, 4)), 65, /hash/)
    const edited = path('edited.json')
    await writeFile(edited, readFileSync(at, 'utf8').replace('9s', '1s'))
    expectRefusal(await run('apply', edited, '--execute', hash), 65, /hash/)
    expectRefusal(await run('apply', path('missing.json')), 65)
    await admin.query("alter system set lock_timeout = '7s'")
    await admin.query('select pg_reload_conf()')
    expectRefusal(await run('apply', at, '--execute', hash), 65, /lock_timeout/)
    await admin.query('alter system reset lock_timeout')
    await admin.query('select pg_reload_conf()')
    const old = await file([advice([setting('lock_timeout', '0', '9s')])], {
      createdAt: Date.now() - 2 * 86_400_000,
    })
    expectRefusal(await run('apply', old.at), 65, /older/)
    const other = await file([advice([setting('lock_timeout', '0', '9s')])], {
      target: { name: 'me@db.example/x', engine: 'postgres' },
    })
    expectRefusal(await run('apply', other.at), 65, /db\.example/)
    const none = await file([{ ...advice([]), steps: [] }])
    expectRefusal(await run('apply', none.at), 64)
    expectRefusal(await run('apply', at, '--remedy', '2'), 64)
    const wrong = await file([advice([setting('no_such', '0', '9s')])])
    expectRefusal(await run('apply', wrong.at), 64, /no_such/)
    const unit = await file([advice([setting('lock_timeout', '0', '9 fortnights')])])
    expect((await run('apply', unit.at, '--execute', unit.hash)).code).toBe(5)
    expectRefusal(await run('rollback', 'nothing'), 64)
    expectRefusal(await run('rollback', '../../etc'), 64)
    expectRefusal(await run('export', at), 64, /format/)
    expect(await serverHas('lock_timeout')).toBe('0')
  })
})
