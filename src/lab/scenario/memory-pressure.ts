// A report that sorts in memory is asked for more and more often, until the kernel ends whoever has most of it.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const memoryPressure = spec(
  'memory-pressure',
  'reports sort in memory that the machine does not have',
  shop => ({
    settings: { ...shop.dialect.settings, work_mem: '1GB', log_min_messages: 'log' },
    hearsLog: true,
    services: shop.with('reports', reports =>
      busier(reports, 22, {
        name: 'year in review',
        perS: 0.01,
        statements: [
          {
            sql: `select count(*) from (select md5(i::text) as line from generate_series(1, ?) as i order by 1) as review`,
            values: [3_000_000],
          },
        ],
        transaction: false,
      }),
    ),
    limits: {},
    fault: [
      { do: 'limit', limits: { memoryMb: 200 } },
      { do: 'traffic', service: 'reports', request: 'year in review', times: 100, overMs: 1000 },
    ],
    truth: {
      cause: 'memory-pressure',
      kind: 'killed',
      also: ['server-restarting'],
      remedy: { helps: 'scale-up', harms: 'max-connections' },
    },
  }),
  ['postgres'],
)
