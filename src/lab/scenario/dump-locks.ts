// A dump as the program makes it unless it is told otherwise: nobody may write while it reads.
import { spec } from './spec.ts'

export const dumpLocks = spec(
  'dump-locks',
  'mysqldump without --single-transaction locks all tables',
  ({ dialect }) => ({
    schema: dialect.schema(400_000),
    fault: [{ do: 'dump', user: 'deploy', locks: true }],
    truth: {
      cause: 'lock-contention',
      kind: 'metadata',
      also: ['backup'],
      subject: { user: 'deploy' },
      remedy: { helps: 'end-session', harms: 'max-connections' },
    },
  }),
  ['mysql', 'mariadb'],
)
