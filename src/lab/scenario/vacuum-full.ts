// Maintenance at noon: each run has the table for itself while it writes it anew.
import { spec } from './spec.ts'

export const vacuumFull = spec(
  'vacuum-full',
  'maintenance writes the table of orders anew, again and again',
  ({ dialect }) => ({
    schema: dialect.schema(1_000_000),
    fault: [
      {
        do: 'repeat',
        user: 'deploy',
        application: 'maintenance',
        sessions: 1,
        statements: ['vacuum (full, analyze) orders'],
        pauseMs: 0,
      },
    ],
    truth: { cause: 'lock-contention', kind: 'relation', also: [], subject: { application: 'maintenance' } },
  }),
  ['postgres'],
)
