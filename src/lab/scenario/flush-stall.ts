// Somebody's script flushes tables while a long report reads one: the flush waits for it, and everybody for the flush.
import { spec } from './spec.ts'

export const flushStall = spec(
  'flush-stall',
  'a script flushes tables and logs behind long reports',
  ({ dialect }) => ({
    fault: [
      { do: 'administer', statements: ["grant reload on *.* to 'deploy'@'%'"], undo: [] },
      {
        do: 'repeat',
        user: 'reports',
        application: 'reports',
        sessions: 1,
        statements: [dialect.longRead('inventory', 15)],
        pauseMs: 0,
      },
      {
        do: 'repeat',
        user: 'deploy',
        application: 'rotate',
        sessions: 1,
        statements: ['flush tables', 'flush logs'],
        pauseMs: 500,
      },
    ],
    truth: { cause: 'flush-stall', also: ['lock-contention'] },
  }),
  // MariaDB closes what nobody uses and waits for nobody.
  ['mysql'],
)
