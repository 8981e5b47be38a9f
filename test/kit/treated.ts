// A trial of the lab with its remedy, kept on disk and judged from there.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { EngineName } from '../../src/model/index.ts'
import { app } from './drill.ts'

/** `cure`: `advised`, `harms`, or the code of a remedy of the plan. What was judged of it, and what Spillway did. */
export async function treated(scenario: string, cure: string, engine: EngineName = 'postgres') {
  const which = { scenario, engine, seed: 1, intensity: 1, cure }
  const recording = await app.lab.run(which, { baselineMs: 5_000, faultMs: 10_000, settleMs: 10_000 })
  const folder = await mkdtemp(join(tmpdir(), 'spillway-cure-'))
  try {
    await app.lab.keep(folder, recording)
    const kept = await app.lab.kept(folder, which)
    const { treatment } = app.lab.judge(kept!)
    expect(treatment).toEqual(app.lab.judge(recording).treatment)
    return { score: treatment, treatment: kept!.treated!.treatment }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
