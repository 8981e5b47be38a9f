// Faults that fill the CPU, one after the other and with the machine to themselves: other tests would be part of the load.
import { test } from 'vitest'
import { postgresBinaries } from '../../src/lab/postgres/binaries.ts'
import { checkDrill, ON_CPU } from '../kit/drill.ts'
import { describeWith } from '../kit/require.ts'

describeWith('embedded PostgreSQL 18', postgresBinaries(18) !== undefined, () => {
  test.each(ON_CPU)('%s', checkDrill)
})
