// One core too few, for real, and then a second one. How near the prediction came is for the lab to score: whoever else uses this
// machine's cores would be part of it.
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { postgresBinaries } from '../../src/lab/postgres/binaries.ts'
import { describeWith } from '../kit/require.ts'
import { treated } from '../kit/treated.ts'

const isPossible = postgresBinaries(18) !== undefined && availableParallelism() > 1

describeWith('embedded PostgreSQL 18 and two cores', isPossible, () => {
  test('scale-up', async () => {
    const { score } = await treated('machine-too-small', 'scale-up')
    expect(score).toMatchObject({ remedy: 'scale-up', by: 'hand', forced: false, sign: true })
  })
})
