// Changing a real PostgreSQL on purpose: applied, looked at, taken back, and gone on with after a kill at every place.
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlOperations } from '../../src/apply/index.ts'
import type { Connection, SqlOperation, Step, Value } from '../../src/model/index.ts'
import { type Applying, applyingTo } from '../kit/apply.ts'
import {
  AVAILABLE,
  clientOf,
  engineOf,
  type PostgresServer,
  sampleUntil,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const setting = (name: string, after: Value, role?: string): Step => ({
  actuator: 'sql',
  what:
    role === undefined
      ? { kind: 'setting', name, needsRestart: false }
      : { kind: 'role-setting', name, role },
  after,
  reversible: true,
  outage: 'none',
  verify: ['engine'],
})

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let admin: pg.Client
  let connection: Connection
  let open: Applying[] = []
  beforeAll(async () => {
    server = await startPostgres({})
    admin = await clientOf(server.superuserUrl(), 'admin')
    await admin.query("create role app login; alter role app set lock_timeout = '7s'")
    connection = await engineOf(server.superuserUrl()).connect()
  })
  afterAll(async () => {
    for (const one of open) one.remove()
    open = []
    await connection?.close()
    await admin?.end()
    await server?.stop()
  })

  const applying = (operations: SqlOperation[]): Applying => {
    const one = applyingTo('postgres', server.superuserUrl(), operations)
    open.push(one)
    return one
  }
  const serverHas = async (name: string) => {
    const { rows } = await admin.query(
      'select setting, pending_restart as pending from pg_settings where name = $1',
      [name],
    )
    return rows[0] as { setting: string; pending: boolean }
  }
  const roleHas = async () =>
    (
      await admin.query<{ c: string[] }>(
        "select setconfig as c from pg_db_role_setting where setrole = 'app'::regrole",
      )
    ).rows[0]?.c

  const both = () =>
    sqlOperations(
      [setting('idle_in_transaction_session_timeout', 60_000), setting('lock_timeout', '2s', 'app')],
      connection,
    )

  test('applies, and takes back what was there before', async () => {
    const run = applying(await both())
    const applied = await run.run()
    expect(applied).toMatchObject({ outcome: 'in-place' })
    expect(applied?.operations.map(({ state }) => state)).toEqual(['done', 'done'])
    expect((await serverHas('idle_in_transaction_session_timeout')).setting).toBe('60000')
    expect(await roleHas()).toEqual(['lock_timeout=2s'])

    expect(await run.run('never', 'rollback')).toMatchObject({ outcome: 'rolled-back' })
    expect((await serverHas('idle_in_transaction_session_timeout')).setting).toBe('0')
    expect(await roleHas()).toEqual(['lock_timeout=7s'])
    const { rows } = await admin.query("select from pg_file_settings where sourcefile like '%auto.conf'")
    expect(rows).toEqual([])
    expect(await run.run('never', 'rollback')).toMatchObject({ code: 'run-unknown' })
  })

  test('goes on after a kill at every place of the journal, in both directions', {
    timeout: 180_000,
  }, async () => {
    const operations = (await both()).slice(0, 1)
    const whole = applying(operations)
    const entries = (await whole.run())!.appended
    const back = (await whole.run('never', 'rollback'))!.appended
    expect([entries, back]).toEqual([5, 5])
    // Right before an entry, what it follows is done; after an intention nothing of it is.
    for (const place of ['before:1', 'before:2', 'after:2', 'before:3', 'before:4', 'before:5']) {
      const run = applying(operations)
      expect(await run.run(place), place).toBeUndefined()
      expect(await run.run(), place).toMatchObject({ outcome: 'in-place' })
      expect((await serverHas('idle_in_transaction_session_timeout')).setting).toBe('60000')
      // The way back is killed at the same place of its own.
      expect(await run.run(place, 'rollback'), place).toBeUndefined()
      await run.run('never', 'rollback')
      expect((await serverHas('idle_in_transaction_session_timeout')).setting, place).toBe('0')
    }
  })

  test('a value that the server refuses takes the rest back', async () => {
    const [good, bad] = await both()
    const run = applying([
      good!,
      { ...bad!, before: { lock_timeout: '7s' }, after: { lock_timeout: 'soon' } },
    ])
    const applied = await run.run()
    expect(applied).toMatchObject({ outcome: 'rolled-back' })
    expect(applied?.because).toContain('soon')
    expect((await serverHas('idle_in_transaction_session_timeout')).setting).toBe('0')
  })

  test('what somebody changed in between is theirs', async () => {
    const operations = await both()
    await admin.query("alter role app set lock_timeout = '9s'")
    expect(await applying(operations).run()).toMatchObject({ outcome: 'rolled-back' })
    expect(await roleHas()).toEqual(['lock_timeout=9s'])
    expect((await serverHas('idle_in_transaction_session_timeout')).setting).toBe('0')
    await admin.query("alter role app set lock_timeout = '7s'")
  })

  test('what waits for a restart is said to wait, and the way back takes it away', async () => {
    const operations = await sqlOperations([setting('max_connections', 42)], connection)
    const run = applying(operations)
    const applied = await run.run()
    expect(applied).toMatchObject({ outcome: 'in-place' })
    expect(applied?.because).toContain('restart')
    expect((await serverHas('max_connections')).pending).toBe(true)
    expect(await run.run('never', 'rollback')).toMatchObject({ outcome: 'rolled-back' })
    expect((await serverHas('max_connections')).pending).toBe(false)
  })

  test('limits of connections, and their way back', async () => {
    const step = (what: Step['what'], before: Value, after: Value): Step => ({
      ...setting('', after),
      what,
      before,
    })
    const steps = [
      step({ kind: 'role-limit', role: 'app' }, null, 5),
      step({ kind: 'database-limit', database: 'postgres' }, null, 50),
    ]
    const run = applying(await sqlOperations(steps, connection))
    const limits = async () => {
      const { rows } = await admin.query(
        "select rolconnlimit as r, datconnlimit as d from pg_roles, pg_database where rolname = 'app' and datname = 'postgres'",
      )
      return rows[0]
    }
    expect(await run.run()).toMatchObject({ outcome: 'in-place' })
    expect(await limits()).toEqual({ r: 5, d: 50 })
    expect(await run.run('never', 'rollback')).toMatchObject({ outcome: 'rolled-back' })
    expect(await limits()).toEqual({ r: -1, d: -1 })
    const wrong = [step({ kind: 'role-limit', role: 'app' }, 7, 5)]
    await expect(sqlOperations(wrong, connection)).rejects.toMatchObject({ code: 'plan-stale' })
  })

  test('a statement is canceled, and its session goes on', async () => {
    const busy = await clientOf(server.superuserUrl(), 'busy')
    const canceled = expect(busy.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57014' })
    const sample = await sampleUntil(connection, one =>
      one.sessions.some(({ application }) => application === 'busy'),
    )
    const { id, state, startedAt } = sample.sessions.find(({ application }) => application === 'busy')!
    const what = { kind: 'cancel-statement' as const, session: { id, state, startedAt: startedAt! } }
    expect(
      await applying(await sqlOperations([{ ...setting('', null), what }], connection)).run(),
    ).toMatchObject({
      outcome: 'in-place',
    })
    await canceled
    await busy.query('select 1')
    await busy.end()
  })

  test('a session that was ended does not come back', async () => {
    const victim = await clientOf(server.superuserUrl(), 'victim')
    await victim.query('begin; select 1')
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name = 'victim'",
    )
    const sample = await connection.sample()
    const session = sample.sessions.find(({ id }) => id === String(rows[0]?.pid))!
    const step: Step = {
      ...setting('', null),
      what: {
        kind: 'end-session',
        session: { id: session.id, state: session.state, startedAt: session.startedAt! },
      },
      reversible: false,
    }
    const run = applying(await sqlOperations([step], connection))
    expect(await run.run()).toMatchObject({ outcome: 'in-place' })
    await expect(victim.query('select 1')).rejects.toThrow()
    const taken = await run.run('never', 'rollback')
    expect(taken).toMatchObject({ outcome: 'rollback-incomplete' })
    expect(taken?.operations[0]?.state).toBe('left')
  })

  test('refuses what is none before anything is sent', async () => {
    await expect(sqlOperations([setting('no_such_thing', 1)], connection)).rejects.toMatchObject({
      code: 'setting-unknown',
    })
    await expect(sqlOperations([setting('lock_timeout', 1, 'nobody')], connection)).rejects.toMatchObject({
      code: 'setting-unknown',
    })
    const planned = { ...setting('work_mem', '8MB'), before: '1MB' }
    await expect(sqlOperations([planned], connection)).rejects.toMatchObject({ code: 'plan-stale' })
    expect(await sqlOperations([{ ...planned, before: 4096 }], connection)).toHaveLength(1)
  })
})
