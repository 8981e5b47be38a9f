// Every fault that leaves the CPU alone, side by side; and peace, in which nothing is found.
import { describe, expect, test } from 'vitest'
import { postgresBinaries } from '../../src/lab/postgres/binaries.ts'
import { app, checkDrill, drill, named, ON_CPU } from '../kit/drill.ts'
import { describeWith } from '../kit/require.ts'

const NAMES = app.scenarios
  .filter(({ name, truth }) => truth && !ON_CPU.includes(name))
  .map(({ name }) => name)

describeWith('embedded PostgreSQL 18', postgresBinaries(18) !== undefined, () => {
  describe.concurrent('slots and locks', () => {
    test.each(NAMES)('%s', checkDrill)

    test('healthy: nothing is found', async () => {
      const { ok, failures, diagnosis } = await drill(named('healthy'))
      expect(failures).toEqual([])
      expect([ok, diagnosis.outcome, diagnosis.findings]).toEqual([true, 'healthy', []])
    })
  })
})
