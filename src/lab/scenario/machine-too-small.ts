// The server has one core, and what arrives wants more than that: two would do.
import { busier, search } from './shop.ts'
import { spec } from './spec.ts'

export const machineTooSmall = spec(
  'machine-too-small',
  'seven times the searches arrive at a server with one core',
  shop => ({
    cores: 1,
    // Half of this machine is idle until the remedy: nobody else may take it then.
    niceness: -10,
    // Two machines instead of one larger: it can be followed by a replica.
    ...(shop.dialect.engine === 'postgres' && {
      settings: { ...shop.dialect.settings, max_wal_senders: 2, wal_level: 'replica' },
      hba: ['host replication postgres 127.0.0.1/32 scram-sha-256'],
    }),
    ...(shop.dialect.engine === 'mariadb' && {
      settings: { ...shop.dialect.settings, server_id: 1, log_bin: 'binlog' },
    }),
    services: shop.with('web', web => busier(web, 34, search(shop, 9))),
    fault: [{ do: 'traffic', service: 'web', request: 'search', times: 7, overMs: 3000 }],
    truth: {
      cause: 'load-surge',
      also: ['cpu-starvation'],
      remedy: { helps: 'scale-up', harms: 'end-session' },
    },
  }),
)
