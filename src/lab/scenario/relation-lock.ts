// A maintenance job that locks a whole table while it works.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'

export const relationLock: Scenario = {
  ...healthy,
  name: 'relation-lock',
  title: 'a maintenance job locks the table inventory and takes its time',
  fault: [
    {
      do: 'hold',
      user: 'deploy',
      application: 'maintenance',
      statements: ['begin', 'lock table inventory in access exclusive mode', 'select pg_sleep(600)'],
      stays: 'active',
    },
  ],
  truth: { cause: 'lock-contention', kind: 'relation', also: [] },
}
