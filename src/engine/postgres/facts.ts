// What is read once when the connection is held: version, privileges, ceilings, whether the server is on this machine.
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { AppError, type ServerFacts } from '../../model/index.ts'
import type { Ask } from './names.ts'
import type { Pooler } from './pooled.ts'
import { LIMITS_SQL, limitsOf } from './slots.ts'
import type { PostgresTarget } from './target.ts'

/** Numbers as `server_version_num` has them. */
const OLDEST_VERSION = 120_000

export interface Facts extends ServerFacts {
  version: number
  /** Oid of the connected database. */
  database: string
  /** It follows another server. */
  standby: boolean
  pooler?: Pooler
}

/** Works on every version since 9.6, so that an old one can be refused by name. */
const SQL = `/* spillway */
select current_setting('server_version_num')::int as version,
  split_part(current_setting('server_version'), ' ', 1) as "versionName",
  pg_backend_pid() as pid, pg_is_in_recovery() as standby,
  to_char(pg_postmaster_start_time() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startedAt",
  (select oid::text from pg_database where datname = current_database()) as database,
  exists (select from pg_roles where rolname = 'pg_read_all_stats' and pg_has_role(oid, 'usage')) as "seesAll",
  (select rolsuper from pg_roles where rolname = current_user) as superuser,
  array(select rolname::text from pg_roles where pg_has_role(oid, 'usage')
    and rolname in ('pg_use_reserved_connections', 'rds_superuser')) as roles,
  ${LIMITS_SQL} as limits`

interface Row {
  version: number
  versionName: string
  pid: number
  standby: boolean
  startedAt: string
  database: string
  seesAll: boolean
  superuser: boolean
  roles: string[]
  limits: Record<string, string | null>
}

/** Throws AppError `version-unsupported`. */
export const readFacts = async (
  ask: Ask,
  target: PostgresTarget,
  socket: Socket,
  options: { vcpus?: number; roleLimits: Record<string, number>; pooler?: Pooler },
): Promise<Facts> => {
  const row = (await ask<Row>(SQL))[0] as Row
  if (row.version < OLDEST_VERSION) {
    throw new AppError(
      'version-unsupported',
      `${target.name}: PostgreSQL ${row.versionName} is too old`,
      'Spillway reads PostgreSQL 12 to 18',
    )
  }
  const limits = limitsOf(row.limits, options.roleLimits)
  const sameHost = await isSameHost(target.host, row.pid, socket)
  const { pooler } = options
  const vcpus = options.vcpus ?? (sameHost ? availableParallelism() : undefined)
  return {
    version: row.version,
    database: row.database,
    standby: row.standby,
    startedAt: row.startedAt,
    target: {
      name: target.name,
      engine: 'postgres',
      engineVersion: row.versionName,
      user: target.user,
      database: row.database,
      ...(vcpus !== undefined && { vcpus }),
      ...(pooler && { viaPooler: true }),
    },
    ...(pooler && { pooler }),
    limits,
    seesAll: row.seesAll,
    hasReservedSlot: hasReservedSlot(row, limits.reserved),
    sameHost,
  }
}

const hasReservedSlot = ({ superuser, roles }: Row, reserved: Record<string, number>): boolean =>
  (superuser && 'superuser_reserved_connections' in reserved) ||
  (roles.includes('pg_use_reserved_connections') && 'reserved_connections' in reserved) ||
  (roles.includes('rds_superuser') && 'rds.rds_superuser_reserved_connections' in reserved)

/**
 * A loopback address may be a tunnel, so the address proves nothing. The title of our own backend's process does: it
 * names the port of this end of the connection. A Unix socket cannot leave the machine.
 */
const isSameHost = async (host: string, pid: number, socket: Socket): Promise<boolean> => {
  if (host.startsWith('/')) return true
  const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return title.startsWith('postgres') && title.includes(`(${socket.localPort})`)
}
