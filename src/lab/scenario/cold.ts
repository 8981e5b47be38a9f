// A shop whose orders do not all fit into the server's memory: what is read of the rest comes from the disk itself.
import type { EngineName } from '../../model/index.ts'
import type { RequestSpec, ServiceSpec } from '../scenario.ts'
import { busier, type Shop } from './shop.ts'

const CACHE: Record<EngineName, string> = {
  postgres: 'shared_buffers',
  mysql: 'innodb_buffer_pool_size',
  mariadb: 'innodb_buffer_pool_size',
}

/** As RDS switches it on where Performance Insights is: what a session reads from the disk for is told by nothing else. */
export const WAITS_SEEN: Record<string, string> = { performance_schema_consumer_events_waits_current: 'ON' }

/** Nothing stays in the cache of the operating system; and a small buffer pool is not kept free for what may come. */
const DIRECT: Record<EngineName, Record<string, string | number>> = {
  postgres: { debug_io_direct: 'data' },
  mysql: { ...WAITS_SEEN, innodb_flush_method: 'O_DIRECT', innodb_lru_scan_depth: 100 },
  mariadb: { innodb_flush_method: 'O_DIRECT', innodb_lru_scan_depth: 100 },
}

/** Settings of a server with so much memory for its data. */
export const cacheOf = ({ dialect }: Shop, megabytes: number): Record<string, string | number> => ({
  ...dialect.settings,
  ...DIRECT[dialect.engine],
  [CACHE[dialect.engine]]: `${megabytes}${dialect.engine === 'postgres' ? 'MB' : 'M'}`,
})

/** Reads one order out of those between two numbers. */
export const lookUp = (name: string, perS: number, from: number, to: number): RequestSpec => ({
  name,
  perS,
  statements: [{ sql: 'select status, total from orders where id = ?', values: [{ from, to }] }],
  transaction: false,
})

/** The services, of which web also makes these requests; without those that read here and there in all of the orders. */
export const reading = (shop: Shop, ...requests: RequestSpec[]): ServiceSpec[] =>
  shop
    .with('web', web => requests.reduce((changed, request) => busier(changed, 30, request), web))
    .filter(({ name }) => name !== 'reports')
    .map(service => ({
      ...service,
      requests: service.requests.filter(({ name }) => name !== 'order status'),
    }))
