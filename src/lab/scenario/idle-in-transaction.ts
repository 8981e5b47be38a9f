// The demo: one forgotten commit. The CPU has nothing to do while every slot fills up with sessions that wait.
import { FEATURED_SKU } from './shop.ts'
import { spec } from './spec.ts'

export const idleInTransaction = spec(
  'idle-in-transaction',
  'billing updates the hot row and forgets to commit',
  () => ({
    fault: [
      {
        do: 'hold',
        user: 'billing',
        application: 'billing',
        statements: ['begin', `update inventory set reserved = reserved - 1 where sku = ${FEATURED_SKU}`],
        stays: 'idle',
      },
    ],
    truth: {
      cause: 'idle-in-transaction',
      also: ['lock-contention'],
      remedy: { helps: 'end-session', harms: 'max-connections' },
    },
  }),
)
