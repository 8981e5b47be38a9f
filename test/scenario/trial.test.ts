// A few trials of the lab on MySQL and MariaDB, kept on disk and judged from there; `npm run lab:score` runs them all.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newestProgram } from '../../src/lab/mysql/program.ts'
import type { EngineName } from '../../src/model/index.ts'
import { app } from '../kit/drill.ts'
import { describeWith } from '../kit/require.ts'

const CASES = [
  ['mysql', 'ddl-queue'],
  ['mysql', 'relation-lock'],
  ['mariadb', 'idle-in-transaction'],
  ['mariadb', 'role-limit'],
] as const

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-trial-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.concurrent('kept and judged', () => {
  for (const engine of ['mysql', 'mariadb'] as const) {
    const names = CASES.flatMap(([on, name]) => (on === engine ? name : []))
    describeWith(`a server of ${engine}`, newestProgram(engine) !== undefined, () => {
      test.each(names)('%s', name => attempt(engine, name))
    })
  }
})

test('what was not kept by the lab is not read', async () => {
  const read = async () => {
    for await (const recording of app.lab.read(join(folder, 'nowhere'))) return recording
  }
  await expect(read()).rejects.toMatchObject({ code: 'bundle-missing' })
})

async function attempt(engine: EngineName, name: string): Promise<void> {
  const which = { scenario: name, engine, seed: 1, intensity: 1 }
  const recording = await app.lab.run(which, { baselineMs: 5_000, faultMs: 12_000 })
  const kept = join(folder, name)
  await app.lab.keep(kept, recording)
  expect(await app.lab.kept(kept, { ...which, seed: 2 })).toBeUndefined()
  for await (const { truth, evidence } of app.lab.read(kept)) {
    expect(truth).toEqual(recording.truth)
    const score = app.lab.judge({ truth, evidence })
    expect(score).toEqual(app.lab.judge(recording))
    expect(score).toMatchObject({ top1: true, subject: true, falseAlarm: false, misled: false })
  }
}
