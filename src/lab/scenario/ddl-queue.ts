// A long read, a change of the table that waits for it, and everybody else waiting behind that change.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'

export const ddlQueue: Scenario = {
  ...healthy,
  name: 'ddl-queue',
  title: 'an ALTER TABLE queues behind a long report, and all others behind it',
  fault: [
    {
      do: 'hold',
      user: 'reports',
      application: 'reports',
      statements: [
        'begin',
        // Takes the lock for certain before the ALTER TABLE asks for its own.
        'select sku from inventory limit 1',
        'select count(*) from inventory, pg_sleep(600)',
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
  truth: { cause: 'lock-contention', kind: 'ddl-queue', also: [] },
}
