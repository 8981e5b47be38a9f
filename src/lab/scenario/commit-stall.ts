// Every commit waits for the log: the server is told to flush late, as a slow disk would make it.
import type { EngineName } from '../../model/index.ts'
import type { ServiceSpec } from '../scenario.ts'
import { busier, type Shop } from './shop.ts'
import { spec } from './spec.ts'

const STALL: Record<EngineName, { settings: Record<string, string | number>; on: string[]; off: string[] }> =
  {
    postgres: {
      settings: { fsync: 'on' },
      on: [
        'alter system set commit_delay = 100000',
        'alter system set commit_siblings = 0',
        'select pg_reload_conf()',
      ],
      off: ['alter system reset all', 'select pg_reload_conf()'],
    },
    mysql: {
      settings: { log_bin: 'binlog', sync_binlog: 1 },
      on: ['set global binlog_group_commit_sync_delay = 500000'],
      off: ['set global binlog_group_commit_sync_delay = 0'],
    },
    mariadb: {
      settings: { log_bin: 'binlog', sync_binlog: 1 },
      on: ['set global binlog_commit_wait_usec = 500000', 'set global binlog_commit_wait_count = 1000'],
      off: ['set global binlog_commit_wait_count = 0'],
    },
  }

export const commitStall = spec('commit-stall', 'each flush of the log comes late', shop => {
  const { settings, on, off } = STALL[shop.dialect.engine]
  return {
    settings: { ...shop.dialect.settings, ...settings },
    services: clicking(shop),
    fault: [{ do: 'administer', statements: on, undo: off }],
    // Whoever waits for the log keeps its row locks meanwhile.
    truth: { cause: 'commit-stall', also: ['lock-contention'] },
  }
})

/** The services, of which web also writes sixty rows a second, each in a transaction of its own. */
export const clicking = (shop: Shop): ServiceSpec[] =>
  shop.with('web', web =>
    busier(web, 30, {
      name: 'track click',
      perS: 60,
      statements: [
        {
          sql: 'insert into payments (order_id, amount) values (?, ?)',
          values: [{ from: 1, to: 20_000 }, 1],
        },
      ],
      transaction: true,
    }),
  )
