// The whole way on an instance of RDS: the API is a fake, the database behind it a real PostgreSQL that it really changes
// and restarts. What the engine says afterwards is not what the fake says.
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Applied } from '../../src/model/index.ts'
import { freshPaths } from '../cli/kit.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { Described, World } from '../kit/aws/world.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { end, gone, howStarted, type Restart } from '../kit/restart.ts'

const path = freshPaths()
const TARGET = 'rds:orders@eu-west-1'

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let again: Restart
  let restarted: ChildProcess | undefined
  let here: World
  let fake: Fake
  beforeAll(async () => {
    server = await startPostgres({})
    again = howStarted(server.pid, server.dataDir)
    here = changeable()
    Object.assign(orders(), { Endpoint: { Address: '127.0.0.1', Port: server.port } })
    here.changed = changed
    fake = await fakeAws(here)
    const { username, password } = new URL(server.superuserUrl())
    const login = { PGUSER: username, PGPASSWORD: decodeURIComponent(password), PGDATABASE: 'postgres' }
    const env = { ...fake.env, ...login, SPILLWAY_STATE: path('state') }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await fake?.close()
    if (restarted) await end(restarted, 'SIGKILL')
    await server?.stop()
  })

  const orders = () => here.instances[0]!

  /** What comes into effect on AWS comes into effect on the server. */
  const changed = (instance: Described, was: string): void => {
    const [group] = instance.DBParameterGroups as Described[]
    const values = Object.entries(here.parameterGroups[String(group?.DBParameterGroupName)]?.values ?? {})
    const auto = join(server.dataDir, 'postgresql.auto.conf')
    if (was === 'parameters' || was === 'rebooting')
      writeFileSync(auto, values.map(([name, value]) => `${name} = '${value}'\n`).join(''))
    const pid = restarted?.pid ?? server.pid
    if (was === 'parameters') process.kill(pid, 'SIGHUP')
    if (was !== 'rebooting') return
    process.kill(pid, 'SIGINT')
    void (restarted ? end(restarted, 'SIGINT') : gone(pid)).then(() => {
      restarted = again.again()
    })
  }

  /** It may still be starting. */
  const client = async (): Promise<pg.Client> => {
    for (const deadline = performance.now() + 20_000; ; await sleep(50)) {
      try {
        return await clientOf(server.superuserUrl())
      } catch (error) {
        if (performance.now() > deadline) throw error
      }
    }
  }
  const serverHas = async (name: string): Promise<string> => {
    const one = await client()
    const { rows } = await one.query(`show ${name}`)
    await one.end()
    return String(Object.values(rows[0])[0])
  }

  const plan = async (settings: Record<string, string>) => {
    const { applying, sealPlan } = createApp()
    const { plan: made } = await applying.planByHand(TARGET, settings, {})
    const file = path('plan.json')
    const sealed = sealPlan(made)
    await writeFile(file, JSON.stringify(sealed))
    return { file, hash: String(sealed.hash) }
  }
  const apply = async ({ file, hash }: { file: string; hash: string }): Promise<Applied> => {
    const { applying } = createApp()
    const prepared = await applying.prepare(file, undefined, {})
    return applying.execute(prepared, hash, undefined, { settle: 8 }, { say: () => undefined })
  }

  test('parameters are set, the instance is restarted, the engine has them, and all of it is taken back', async () => {
    const before = await serverHas('max_connections')
    const applied = await apply(await plan({ max_connections: '77', lock_timeout: '3000' }))
    expect(applied).toMatchObject({ outcome: 'verified' })
    expect([await serverHas('max_connections'), await serverHas('lock_timeout')]).toEqual(['77', '3s'])
    expect(fake.calls.filter(call => call === 'rds:RebootDBInstance')).toHaveLength(1)

    const { applying } = createApp()
    const back = await applying.rollback(applied.run, undefined, {}, { say: () => undefined })
    expect(back).toMatchObject({ outcome: 'rolled-back' })
    expect([await serverHas('max_connections'), await serverHas('lock_timeout')]).toEqual([before, '0'])
  })

  test('another instance of that name is refused', async () => {
    const { file } = await plan({ statement_timeout: '60000' })
    Object.assign(orders(), { DbiResourceId: 'db-ANOTHER' })
    const { applying } = createApp()
    await expect(applying.prepare(file, undefined, {})).rejects.toMatchObject({ code: 'plan-elsewhere' })
  })
})
