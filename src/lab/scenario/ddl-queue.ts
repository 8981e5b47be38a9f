// A long read, a change of the table that waits for it, and everybody else waiting behind that change.
import { spec } from './spec.ts'

export const ddlQueue = spec(
  'ddl-queue',
  'an ALTER TABLE queues behind a long report, and all others behind it',
  ({ dialect }) => ({
    fault: [
      {
        do: 'hold',
        user: 'reports',
        application: 'reports',
        statements: [
          'begin',
          // Takes the lock for certain before the ALTER TABLE asks for its own.
          'select sku from inventory limit 1',
          dialect.longRead('inventory', 600),
        ],
        stays: 'active',
      },
      {
        do: 'hold',
        user: 'deploy',
        application: 'migrate',
        statements: ['alter table inventory add column note text'],
        stays: 'active',
      },
    ],
    truth: {
      cause: 'lock-contention',
      kind: 'ddl-queue',
      also: [],
      remedy: { helps: 'end-session', harms: 'max-connections' },
    },
  }),
)
