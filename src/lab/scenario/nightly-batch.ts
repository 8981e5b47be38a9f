// A slow report that takes its time and harms nobody.
import { spec } from './spec.ts'

export const nightlyBatch = spec('nightly-batch', 'a slow batch that harms nobody', ({ dialect }) => ({
  schema: dialect.schema(dialect.engine === 'postgres' ? 300_000 : 100_000),
  fault: [
    {
      do: 'repeat',
      user: 'reports',
      application: 'nightly',
      sessions: 1,
      statements: [
        'select customer_id, sum(total) from orders group by customer_id order by 2 desc limit 10',
      ],
      pauseMs: 100,
    },
  ],
  truth: null,
}))
