// The redo log may hold next to nothing: before anything is written down, older changes have to be written back.
import { marking } from './checkpoint-stall.ts'
import { spec } from './spec.ts'

/** Bytes. */
const SMALL = 8_388_608
const LARGE = 268_435_456

export const redoLogSmall = spec(
  'redo-log-small',
  'the redo log is made so small that every change waits for others to be written back',
  shop => ({
    settings: {
      ...shop.dialect.settings,
      innodb_redo_log_capacity: LARGE,
      innodb_buffer_pool_size: '256M',
      innodb_flush_method: 'O_DIRECT',
      // In peace it writes back in its own time.
      innodb_io_capacity: 100,
      innodb_max_dirty_pages_pct_lwm: 0,
    },
    schema: shop.dialect.schema(200_000),
    services: marking(shop, 10),
    limits: { writesPerS: 100 },
    fault: [
      {
        do: 'administer',
        statements: [`set global innodb_redo_log_capacity = ${SMALL}`],
        undo: [`set global innodb_redo_log_capacity = ${LARGE}`],
      },
    ],
    truth: { cause: 'flush-stall', also: ['commit-stall', 'io-saturation', 'lock-contention'] },
  }),
  // MariaDB writes everything back once, while it changes the size, and is well again.
  ['mysql'],
)
