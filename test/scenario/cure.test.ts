// The remedy for real: what is advised cures as predicted, and what is useless is refused, does not help and is taken back.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresBinaries } from '../../src/lab/postgres/binaries.ts'
import { hasPgbouncer } from '../../src/lab/postgres/pgbouncer.ts'
import { app } from '../kit/drill.ts'
import { describeWith } from '../kit/require.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-cure-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describeWith('embedded PostgreSQL 18', postgresBinaries(18) !== undefined, () => {
  describe.concurrent('a row that is locked', () => {
    test('the session at the root is ended, and all is well, as predicted', async () => {
      const score = await attempt('row-lock', 'advised')
      expect(score).toMatchObject({ remedy: 'end-session', by: 'spillway', forced: false })
      expect(score).toMatchObject({ cured: true, sign: true, close: true })
    })

    test('twice the connections are refused as advice, do not help, and are taken back', async () => {
      const score = await attempt('row-lock', 'harms')
      expect(score).toMatchObject({ remedy: 'max-connections', by: 'spillway', forced: true })
      expect(score).toMatchObject({ cured: false, sign: true, refused: true, shown: true })
    })
  })

  describe.concurrent('an application with more and more pools', () => {
    test('sizes that add up to the slots let everybody in, as predicted', async () => {
      const score = await attempt('pools-oversubscribed', 'pool-size')
      expect(score).toMatchObject({ remedy: 'pool-size', by: 'hand', cured: true, sign: true, close: true })
    })

    describeWith('PgBouncer', hasPgbouncer(), () => {
      test('a pooler with the settings of the plan does as well', async () => {
        const score = await attempt('pools-oversubscribed', 'pooler')
        expect(score).toMatchObject({ remedy: 'pooler', by: 'hand', cured: true, sign: true, close: true })
      })
    })
  })
})

/** Kept on disk, and judged from there. */
async function attempt(scenario: string, cure: string) {
  const which = { scenario, engine: 'postgres', seed: 1, intensity: 1, cure } as const
  const recording = await app.lab.run(which, { baselineMs: 5_000, faultMs: 10_000, settleMs: 10_000 })
  await app.lab.keep(folder, recording)
  const kept = await app.lab.kept(folder, which)
  const { treatment } = app.lab.judge(kept!)
  expect(treatment).toEqual(app.lab.judge(recording).treatment)
  const { treated } = kept!
  if (cure === 'harms') expect(treated!.treatment).toMatchObject({ applied: { outcome: 'rolled-back' } })
  return treatment
}
