// A few trials of the lab on MySQL and MariaDB, kept on disk and judged from there; `npm run lab:score` runs them all.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newestProgram } from '../../src/lab/mysql/program.ts'
import { app } from '../kit/drill.ts'
import { describeWith } from '../kit/require.ts'

const CASES = [
  ['mysql', 'ddl-queue'],
  ['mysql', 'connection-leak'],
  ['mariadb', 'idle-in-transaction'],
  ['mariadb', 'role-limit'],
] as const

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-trial-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each(['mysql', 'mariadb'] as const)('%s', engine => {
  const names = CASES.flatMap(([on, name]) => (on === engine ? name : []))
  describeWith(`a server of ${engine}`, newestProgram(engine) !== undefined, () => {
    test.concurrent.each(names)('%s', async name => {
      const which = { scenario: name, engine, seed: 1, intensity: 1 }
      const recording = await app.lab.run(which, { baselineMs: 5_000, faultMs: 12_000 })
      await app.lab.keep(join(folder, name), recording)
      expect(await app.lab.kept(join(folder, name), { ...which, seed: 2 })).toBeUndefined()
      for await (const kept of app.lab.read(join(folder, name))) {
        expect(kept.truth).toEqual(recording.truth)
        const score = app.lab.judge(kept)
        expect(score).toEqual(app.lab.judge(recording))
        expect(score).toMatchObject({ top1: true, subject: true, falseAlarm: false, misled: false })
      }
    })
  })
})

test('what was not kept by the lab is not read', async () => {
  const read = async () => {
    for await (const recording of app.lab.read(join(folder, 'nowhere'))) return recording
  }
  await expect(read()).rejects.toMatchObject({ code: 'bundle-missing' })
})
