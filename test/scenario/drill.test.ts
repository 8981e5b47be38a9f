// Every fault of the lab, broken for real and diagnosed from outside; the remedy, where there is one to do, really done.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createApp, type DrillResult, type Scenario } from '../../src/app.ts'
import { postgresBinaries } from '../../src/lab/postgres/binaries.ts'
import { describeWith } from '../kit/require.ts'

const app = createApp({})

interface Drilled extends DrillResult {
  injected: string | undefined
  journal: { event: string; run: string }[]
}

async function drill(scenario: Scenario): Promise<Drilled> {
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

const named = (name: string) => app.scenarios.find(scenario => scenario.name === name)!

/** Those that leave the CPU alone can run side by side. */
const ON_CPU = ['load-surge', 'query-regression']

describeWith('embedded PostgreSQL 18', postgresBinaries(18) !== undefined, () => {
  describe.concurrent('slots and locks', () => {
    test.each(
      app.scenarios.filter(({ name, truth }) => truth && !ON_CPU.includes(name)).map(({ name }) => name),
    )('%s', async name => check(named(name), await drill(named(name))))

    test('healthy: nothing is found', async () => {
      const { ok, failures, diagnosis } = await drill(named('healthy'))
      expect(failures).toEqual([])
      expect([ok, diagnosis.outcome, diagnosis.findings]).toEqual([true, 'healthy', []])
    })
  })

  describe('CPU', () => {
    test.each(ON_CPU)('%s', async name => check(named(name), await drill(named(name))))
  })
})

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
