// Somebody's script flushes tables and logs without end, and everybody opens them again.
import { spec } from './spec.ts'

export const flushStall = spec(
  'flush-stall',
  'a script flushes tables and logs without end',
  () => ({
    fault: [
      { do: 'administer', statements: ["grant reload on *.* to 'deploy'@'%'"], undo: [] },
      {
        do: 'repeat',
        user: 'deploy',
        application: 'rotate',
        sessions: 3,
        statements: ['flush tables', 'flush logs'],
        pauseMs: 0,
      },
    ],
    truth: { cause: 'flush-stall', also: [] },
  }),
  ['mysql', 'mariadb'],
)
