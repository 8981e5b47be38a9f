// The whole way on an instance of RDS: the API is a fake, the database behind it a real PostgreSQL that it really changes
// and restarts. What the engine and the system say afterwards is not what the fake says.
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { Applied } from '../../src/model/index.ts'
import { freshPaths } from '../cli/kit.ts'
import { type Behind, behind } from '../kit/aws/behind.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { World } from '../kit/aws/world.ts'
import { AVAILABLE, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const path = freshPaths()
const TARGET = 'rds:orders@eu-west-1'

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let database: Behind
  let here: World
  let fake: Fake
  beforeAll(async () => {
    server = await startPostgres({})
    here = changeable()
    database = await behind(here, server)
    fake = await fakeAws(here)
    const { username, password } = new URL(server.superuserUrl())
    const login = { PGUSER: username, PGPASSWORD: decodeURIComponent(password), PGDATABASE: 'postgres' }
    const env = { ...fake.env, ...login, SPILLWAY_STATE: path('state') }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await fake?.close()
    await database?.close()
    await server?.stop()
  })

  const plan = async (settings: Record<string, string>) => {
    const { applying, sealPlan } = createApp()
    const { plan: made } = await applying.planByHand(TARGET, settings, {})
    const file = path('plan.json')
    const sealed = sealPlan(made)
    await writeFile(file, JSON.stringify(sealed))
    return { file, hash: String(sealed.hash) }
  }
  const apply = async (
    { file, hash }: { file: string; hash: string },
    options: { unwatched?: boolean } = {},
  ): Promise<Applied> => {
    const { applying } = createApp()
    const prepared = await applying.prepare(file, undefined, {})
    return applying.execute(prepared, hash, undefined, { settle: 8, ...options }, { say: () => undefined })
  }
  const takeBack = (run: string) =>
    createApp().applying.rollback(run, undefined, {}, { say: () => undefined })

  test('parameters are set, the instance is restarted, the engine has them, and all of it is taken back', async () => {
    const before = await database.shows('max_connections')
    const applied = await apply(await plan({ max_connections: '77', lock_timeout: '3000' }))
    expect(applied).toMatchObject({ outcome: 'verified' })
    expect([await database.shows('max_connections'), await database.shows('lock_timeout')]).toEqual([
      '77',
      '3s',
    ])
    expect(fake.calls.filter(call => call === 'rds:RebootDBInstance')).toHaveLength(1)
    expect(await takeBack(applied.run)).toMatchObject({ outcome: 'rolled-back' })
    expect([await database.shows('max_connections'), await database.shows('lock_timeout')]).toEqual([
      before,
      '0',
    ])
  })

  test.skipIf(availableParallelism() < 2)(
    'a class has its cores and its memory, and gives them back',
    async () => {
      const seen = async () => ({
        cores: await database.cores(),
        slots: Number(await database.shows('max_connections')),
        mib: Number.parseInt(await database.shows('shared_buffers'), 10),
      })
      const before = await seen()
      expect(before.cores).toBe(1)
      // Whether one core answers every probe depends on what else this machine does: that is not what is asked here.
      const applied = await apply(await plan({ class: 'db.r6g.xlarge' }), { unwatched: true })
      expect(applied).toMatchObject({ outcome: 'in-place' })
      const after = await seen()
      expect(after.cores).toBe(2)
      expect(after.slots / before.slots).toBeGreaterThan(1.9)
      expect(after.mib / before.mib).toBeGreaterThan(1.9)
      expect(await takeBack(applied.run)).toMatchObject({ outcome: 'rolled-back' })
      expect(await seen()).toEqual(before)
    },
  )

  test('another instance of that name is refused', async () => {
    const { file } = await plan({ statement_timeout: '60000' })
    Object.assign(here.instances[0]!, { DbiResourceId: 'db-ANOTHER' })
    const { applying } = createApp()
    await expect(applying.prepare(file, undefined, {})).rejects.toMatchObject({ code: 'plan-elsewhere' })
  })
})
