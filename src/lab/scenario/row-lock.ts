// A transaction that changed the hot row and is still busy: its session is active, not idle.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'
import { FEATURED_SKU } from './shop.ts'

export const rowLock: Scenario = {
  ...healthy,
  name: 'row-lock',
  title: 'billing updates the hot row at the start of a long transaction',
  fault: [
    {
      do: 'hold',
      user: 'billing',
      application: 'billing',
      statements: [
        'begin',
        `update inventory set reserved = reserved - 1 where sku = ${FEATURED_SKU}`,
        'select pg_sleep(600)',
      ],
      stays: 'active',
    },
  ],
  truth: { cause: 'lock-contention', kind: 'row', also: [] },
}
