// A maintenance job that locks a whole table while it works.
import { spec } from './spec.ts'

export const relationLock = spec(
  'relation-lock',
  'a maintenance job locks the table inventory and takes its time',
  ({ dialect }) => ({
    fault: [
      {
        do: 'hold',
        user: 'deploy',
        application: 'maintenance',
        statements: [...dialect.lockTable('inventory'), dialect.sleep(600)],
        stays: 'active',
      },
    ],
    truth: {
      cause: 'lock-contention',
      kind: dialect.tableLock,
      also: [],
      remedy: { helps: 'end-session', harms: 'max-connections' },
    },
  }),
)
