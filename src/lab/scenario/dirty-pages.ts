// Before a planned restart somebody has all changed pages written back at once: the volume has nothing left for others, and
// whoever changes a page that is on its way waits for it.
import { marking } from './checkpoint-stall.ts'
import { WAITS_SEEN } from './cold.ts'
import { spec } from './spec.ts'

export const dirtyPages = spec(
  'dirty-pages',
  'all dirty pages are written back at once, on a volume of sixty writes a second',
  shop => ({
    settings: {
      ...shop.dialect.settings,
      ...(shop.dialect.engine === 'mysql' ? WAITS_SEEN : {}),
      innodb_buffer_pool_size: '256M',
      innodb_flush_method: 'O_DIRECT',
      [shop.dialect.engine === 'mysql' ? 'innodb_redo_log_capacity' : 'innodb_log_file_size']: '256M',
      // In peace it writes back in its own time.
      innodb_io_capacity: 100,
      innodb_max_dirty_pages_pct: 90,
      innodb_max_dirty_pages_pct_lwm: 0,
    },
    schema: shop.dialect.schema(200_000),
    services: marking(shop, 25),
    limits: { writesPerS: 60 },
    fault: [
      {
        do: 'administer',
        statements: [
          'set global innodb_io_capacity_max = 20000',
          'set global innodb_io_capacity = 20000',
          'set global innodb_max_dirty_pages_pct = 0',
        ],
        undo: ['set global innodb_max_dirty_pages_pct = 90', 'set global innodb_io_capacity = 100'],
      },
    ],
    truth: { cause: 'flush-stall', also: ['commit-stall', 'io-saturation', 'lock-contention'] },
  }),
  ['mysql', 'mariadb'],
)
