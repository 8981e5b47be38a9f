// The remedy for real: what is advised cures as predicted, and what is useless is refused, does not help and is taken back.
import { describe, expect, test } from 'vitest'
import { postgresBinaries } from '../../src/lab/postgres/binaries.ts'
import { hasPgbouncer } from '../../src/lab/postgres/pgbouncer.ts'
import { describeWith } from '../kit/require.ts'
import { treated } from '../kit/treated.ts'

const AS_PREDICTED = { cured: true, sign: true, close: true }

describeWith('embedded PostgreSQL 18', postgresBinaries(18) !== undefined, () => {
  describe.concurrent('a row that is locked', () => {
    test('the session at the root is ended, and all is well, as predicted', async () => {
      const { score } = await treated('row-lock', 'advised')
      expect(score).toMatchObject({ remedy: 'end-session', by: 'spillway', forced: false, ...AS_PREDICTED })
    })

    test('twice the connections are refused as advice, do not help, and are taken back', async () => {
      const { score, treatment } = await treated('row-lock', 'harms')
      expect(score).toMatchObject({ remedy: 'max-connections', by: 'spillway', forced: true })
      expect(score).toMatchObject({ cured: false, sign: true, refused: true, shown: true })
      expect(treatment).toMatchObject({ applied: { outcome: 'rolled-back' } })
    })
  })

  // Clients that come anew share the cores with other tests: how many of their attempts are late is for the lab to score.
  describe.concurrent('an application with more and more pools', () => {
    test('gets sizes that add up to the slots', async () => {
      const { score } = await treated('pools-oversubscribed', 'pool-size')
      expect(score).toMatchObject({ remedy: 'pool-size', by: 'hand', forced: false, sign: true })
    })

    describeWith('PgBouncer', hasPgbouncer(), () => {
      test('gets a pooler with the settings of the plan', async () => {
        const { score } = await treated('pools-oversubscribed', 'pooler')
        expect(score).toMatchObject({ remedy: 'pooler', by: 'hand', forced: false, sign: true })
      })
    })
  })
})
