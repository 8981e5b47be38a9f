// A transaction that changed the hot row and is still busy: its session is active, not idle.
import { FEATURED_SKU } from './shop.ts'
import { spec } from './spec.ts'

export const rowLock = spec(
  'row-lock',
  'billing updates the hot row at the start of a long transaction',
  ({ dialect }) => ({
    fault: [
      {
        do: 'hold',
        user: 'billing',
        application: 'billing',
        statements: [
          'begin',
          `update inventory set reserved = reserved - 1 where sku = ${FEATURED_SKU}`,
          dialect.sleep(600),
        ],
        stays: 'active',
      },
    ],
    truth: {
      cause: 'lock-contention',
      kind: 'row',
      also: [],
      remedy: { helps: 'end-session', harms: 'max-connections' },
    },
  }),
)
