// The demo: one forgotten commit. The CPU has nothing to do while every slot fills up with sessions that wait.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'
import { FEATURED_SKU } from './shop.ts'

export const idleInTransaction: Scenario = {
  ...healthy,
  name: 'idle-in-transaction',
  title: 'billing updates the hot row and forgets to commit',
  fault: [
    {
      do: 'hold',
      user: 'billing',
      application: 'billing',
      statements: ['begin', `update inventory set reserved = reserved - 1 where sku = ${FEATURED_SKU}`],
      stays: 'idle',
    },
  ],
  truth: { cause: 'idle-in-transaction', also: ['lock-contention'] },
}
