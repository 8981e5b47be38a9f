// Commits wait for a synchronous standby that is gone: none of them ever returns.
import { spec } from './spec.ts'

export const standbyGone = spec(
  'standby-gone',
  'the synchronous standby that every commit waits for is gone',
  ({ dialect }) => ({
    settings: { ...dialect.settings, max_wal_senders: 2, wal_level: 'replica' },
    fault: [
      {
        do: 'administer',
        statements: ["alter system set synchronous_standby_names = 'standby'", 'select pg_reload_conf()'],
        undo: ['alter system reset synchronous_standby_names', 'select pg_reload_conf()'],
      },
    ],
    // Who waits for the standby keeps its row locks meanwhile.
    truth: { cause: 'commit-stall', also: ['lock-contention'] },
  }),
  ['postgres'],
)
