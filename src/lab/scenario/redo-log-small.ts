// The redo log may hold next to nothing: before anything is written down, older changes have to be written back.
import type { EngineName } from '../../model/index.ts'
import { marking } from './checkpoint-stall.ts'
import { spec } from './spec.ts'

/** Bytes. */
const SMALL = 8_388_608
const LARGE = 268_435_456

const SIZE: Record<Exclude<EngineName, 'postgres'>, string> = {
  mysql: 'innodb_redo_log_capacity',
  mariadb: 'innodb_log_file_size',
}

export const redoLogSmall = spec(
  'redo-log-small',
  'the redo log is made so small that every change waits for others to be written back',
  shop => {
    const size = SIZE[shop.dialect.engine as keyof typeof SIZE]
    return {
      settings: {
        ...shop.dialect.settings,
        [size]: LARGE,
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
          statements: [`set global ${size} = ${SMALL}`],
          undo: [`set global ${size} = ${LARGE}`],
        },
      ],
      truth: { cause: 'flush-stall', also: ['commit-stall', 'io-saturation', 'lock-contention'] },
    }
  },
  ['mysql', 'mariadb'],
)
