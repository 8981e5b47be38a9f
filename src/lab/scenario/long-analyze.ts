// Statistics of every row of a large table: it takes its time, and locks nobody out.
import type { EngineName } from '../../model/index.ts'
import { spec } from './spec.ts'

const ANALYZE: Record<EngineName, string> = {
  postgres: 'analyze orders',
  mysql: 'analyze table orders update histogram on status, total, sku with 1024 buckets',
  mariadb: 'analyze table orders persistent for all',
}

export const longAnalyze = spec(
  'long-analyze',
  'statistics of a large table are gathered, and harm nobody',
  ({ dialect }) => ({
    settings: {
      ...dialect.settings,
      ...(dialect.engine === 'postgres' && { default_statistics_target: 1000 }),
    },
    schema: dialect.schema(dialect.engine === 'postgres' ? 400_000 : 100_000),
    fault: [
      {
        do: 'repeat',
        user: 'deploy',
        application: 'maintenance',
        sessions: 1,
        statements: [ANALYZE[dialect.engine]],
        pauseMs: 500,
      },
    ],
    truth: null,
  }),
)
