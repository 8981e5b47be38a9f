import { expect, test } from 'vitest'
import { scoreOf } from './index.ts'
import { scorePage } from './page.ts'
import type { TrialScore } from './trial.ts'

const trial = (
  scenario: string,
  truth: string,
  said: string,
  more: Partial<TrialScore> = {},
): TrialScore => ({
  ...{ scenario, engine: 'postgres', seed: 1, intensity: 1, serverVersion: '18.4', truth, said },
  findings: [said],
  top1: truth === said,
  top2: truth === said,
  falseAlarm: false,
  ...more,
})

const score = scoreOf([
  trial('row-lock', 'lock-contention', 'lock-contention', {
    subject: true,
    namedMs: 4000,
    effectMs: 2500,
    misled: false,
  }),
  trial('row-lock', 'lock-contention', 'load-surge', { subject: false, misled: true }),
  trial('standby-gone', 'storage-full', 'unknown', { misled: false }),
  trial('healthy', 'healthy', 'healthy'),
  trial('deploy', 'healthy', 'connection-leak', { falseAlarm: true }),
])

test('a cause that is not named is a miss', () => {
  expect(score.rates.top1).toMatchObject({ hits: 1, of: 3 })
})

test('peace is counted apart from faults', () => {
  expect(score.rates.healthy).toMatchObject({ hits: 1, of: 2 })
  expect(score.rates.falseAlarms).toMatchObject({ hits: 1, of: 5 })
  expect(score.rates.misled).toMatchObject({ hits: 1, of: 3 })
  expect(score.rates.namedMs).toEqual({ median: 4000, p95: 4000, of: 1 })
  expect(score.rates.afterEffectMs).toEqual({ median: 1500, p95: 1500, of: 1 })
})

test('the matrix has a row for each truth', () => {
  expect(score.matrix).toEqual({
    'lock-contention': { 'lock-contention': 1, 'load-surge': 1 },
    'storage-full': { unknown: 1 },
    healthy: { healthy: 1, 'connection-leak': 1 },
  })
})

test('the page has the command beside the numbers, and a line for each scenario', () => {
  const page = scorePage(score, 'npm run lab:score -- --seeds 1')
  expect(page).toContain('\n    npm run lab:score -- --seeds 1\n')
  for (const name of ['row-lock', 'standby-gone', 'healthy', 'deploy'])
    expect(page.split('\n').filter(line => line.startsWith(`| ${name} |`))).not.toEqual([])
  expect(page).toMatch(/\| row-lock \| postgres \| lock-contention \| 1\/2 \|/)
})
