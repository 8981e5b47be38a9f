// Breaks one scenario of the lab for real, has it diagnosed from outside and mended, and says what must hold then.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createApp, type DrillResult, type Scenario } from '../../src/app.ts'

export const app = createApp({})

interface Drilled extends DrillResult {
  injected: string | undefined
  journal: { event: string; run: string }[]
}

export async function drill(scenario: Scenario): Promise<Drilled> {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-drill-'))
  const lab = await app.startLab(scenario)
  try {
    const journal = join(folder, 'journal.ndjson')
    const options = { baselineMs: 5_000, refusals: 2, settleMs: 1_000 }
    let result: DrillResult | undefined
    let injected: string | undefined
    for await (const event of app.drill(lab, journal, options)) {
      if (event.kind === 'fault') injected = event.injection.session
      if (event.kind === 'end') result = event.result
    }
    const lines = await readFile(journal, 'utf8').catch(() => '')
    return {
      ...result!,
      injected,
      journal: lines
        .split('\n')
        .filter(Boolean)
        .map(line => JSON.parse(line)),
    }
  } finally {
    await lab.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Those that need the CPU for themselves. */
export const ON_CPU = ['load-surge', 'query-regression']

/** Breaks the scenario of that name and holds the result against its truth. */
export async function checkDrill(name: string): Promise<void> {
  const scenario = named(name)
  check(scenario, await drill(scenario))
}

export const named = (name: string) => app.scenarios.find(scenario => scenario.name === name)!

function check(
  { truth }: Scenario,
  { ok, failures, diagnosis, plan, run, injected, journal, evidence }: Drilled,
): void {
  expect(failures).toEqual([])
  expect(ok).toBe(true)
  expect(diagnosis.findings.map(({ cause }) => cause)).toContain(truth!.cause)
  expect(diagnosis.incident!.onset).toBeLessThanOrEqual(
    diagnosis.connect.firstFailure ?? Number.POSITIVE_INFINITY,
  )
  if (injected) expect(diagnosis.findings[0]?.subject?.session?.id).toBe(injected)
  // What was learned on the way is also learned from the whole recording, in which the incident may be over.
  expect(app.diagnose(evidence).findings.map(({ cause }) => cause)).toContain(truth!.cause)
  if (!plan!.advice[0]?.action) return
  expect(run).toMatchObject({ verified: true, result: { status: 'done' } })
  expect(journal.map(({ event }) => event)).toEqual(['intend', 'acted', 'verified'])
  const aas = run!.comparison.find(({ measure }) => measure === 'aas')!
  expect(aas.measured).toBeLessThan(aas.before / 2)
}
