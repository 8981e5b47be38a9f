// What is read once when the connection is held: version, privileges, ceilings, whether the server is on this machine.
import { availableParallelism } from 'node:os'
import { AppError, type ServerFacts } from '../../model/index.ts'
import { type Flags, readFlags } from './flags.ts'
import type { Session } from './open.ts'
import { limitsOf, type RawLimits } from './slots.ts'
import type { MysqlTarget } from './target.ts'
import type { Ask } from './wire.ts'

export interface Facts extends ServerFacts {
  flags: Flags
  /** ISO 8601. Ids of sessions are not used twice before it changes. */
  startedAt: string
  privileges: Privileges
}

interface Privileges {
  /** Sessions and transactions of others. */
  process: boolean
  /** KILL of others' sessions, and the administrator's slot. */
  connectionAdmin: boolean
}

const SQL = `/* spillway */ select version() as version, @@global.basedir as baseDir,
  @@global.performance_schema as performanceSchema, unix_timestamp(sysdate(6)) as at,
  @@global.max_connections as maxConnections, @@global.max_user_connections as maxUserConnections`

/** As the server sees this connection: with the port. */
const HOST =
  '/* spillway */ select host as host from information_schema.processlist where id = connection_id()'

interface Row extends RawLimits {
  version: string
  baseDir: string
  performanceSchema: string | number
  /** The server's clock, epoch seconds. */
  at: string | number
}

/** MySQL before 5.7 and MariaDB before 10.5 have other tables. */
const OLDEST = { mysql: 507, mariadb: 1005 }

/** Throws AppError `version-unsupported`. */
export const readFacts = async (
  ask: Ask,
  target: MysqlTarget,
  session: Session,
  vcpus: number | undefined,
): Promise<Facts> => {
  const row = (await ask<Row>(SQL))[0]?.[0] as Row
  const engine = /mariadb/i.test(row.version) ? 'mariadb' : 'mysql'
  // Behind some proxies MariaDB puts 5.5.5- before its version.
  const version = /(\d+)\.(\d+)\.\d+/.exec(row.version.replace(/^5\.5\.5-/, '')) ?? ['0', '0', '0']
  if (100 * Number(version[1]) + Number(version[2]) < OLDEST[engine]) {
    throw new AppError(
      'version-unsupported',
      `${target.name}: ${row.version} is too old`,
      'Spillway reads MySQL 5.7 to 9 and MariaDB 10.5 to 11',
    )
  }
  const isOn = Number(row.performanceSchema) === 1
  const flags = await readFlags(ask, { mariaDb: engine === 'mariadb', isOn, baseDir: row.baseDir })
  const privileges = await readPrivileges(ask)
  const [[seen] = []] = await ask<{ host: string }>(HOST)
  const sameHost = isSameHost(session, seen?.host ?? '')
  const cpus = vcpus ?? (sameHost ? availableParallelism() : undefined)
  return {
    flags,
    privileges,
    startedAt: await readStart(ask, Number(row.at)),
    target: {
      name: target.name,
      engine,
      engineVersion: version[0],
      user: target.user,
      ...(target.database !== undefined && { database: target.database }),
      ...(cpus !== undefined && { vcpus: cpus }),
    },
    limits: limitsOf(row, new Map(), [target.user]),
    seesAll: flags.threads || privileges.process,
    hasReservedSlot: privileges.connectionAdmin,
    sameHost,
  }
}

/** The grants of the account and of its active roles, as the server prints them; words, because names differ. */
const readPrivileges = async (ask: Ask): Promise<Privileges> => {
  const [rows = []] = await ask<Record<string, string>>('/* spillway */ show grants')
  const everywhere = rows
    .map(row => /^GRANT (.*) ON \*\.\* TO /.exec(Object.values(row)[0] ?? '')?.[1] ?? '')
    .join(', ')
    .split(', ')
  const has = (...names: string[]): boolean =>
    ['ALL PRIVILEGES', ...names].some(name => everywhere.includes(name))
  return { process: has('PROCESS'), connectionAdmin: has('SUPER', 'CONNECTION_ADMIN', 'CONNECTION ADMIN') }
}

/** To the second, which is all that `Uptime` knows. */
const readStart = async (ask: Ask, at: number): Promise<string> => {
  const [[row] = []] = await ask<{ Value: string }>("/* spillway */ show global status like 'Uptime'")
  return new Date(Math.round(at - Number(row?.Value ?? 0)) * 1_000).toISOString()
}

/**
 * A loopback address may be a tunnel, so the address proves nothing. That the server sees this very end of the
 * connection, port and all, from an address of its own, does. A Unix socket cannot leave the machine.
 */
const isSameHost = ({ socket }: Session, seen: string): boolean => {
  const { localPort, localAddress, remoteAddress } = socket
  if (localPort === undefined) return true
  const [, host, port] = /^(.*):(\d+)$/.exec(seen) ?? []
  const isLoopback = host === 'localhost' || host === '::1' || host?.startsWith('127.') === true
  return (
    Number(port) === localPort && (isLoopback || (localAddress === remoteAddress && host === localAddress))
  )
}
