// What this role, this server and this connection could do better, each with the command that mends it.
import { tlsChecks, type Verification } from '../../dial/index.ts'
import type { Check } from '../../model/index.ts'
import { CLOCK_VERSION } from './counters.ts'
import type { Facts } from './facts.ts'
import { quoteName } from './failure.ts'
import type { Ask } from './names.ts'

const SQL = `/* spillway */
select current_user::text as role,
  exists (select from pg_roles where rolname = 'pg_signal_backend' and pg_has_role(oid, 'usage')) as "maySignal",
  exists (select from pg_extension where extname = 'pg_stat_statements') as statements,
  (select quote_ident(nspname) from pg_extension join pg_namespace n on n.oid = extnamespace
    where extname = 'pg_stat_statements' and not has_schema_privilege(n.oid, 'usage')) as "closedSchema",
  (select json_object_agg(name, setting) from pg_settings where name in ('compute_query_id',
    'track_activity_query_size', 'track_io_timing', 'track_activities', 'track_counts', 'idle_in_transaction_session_timeout',
    'log_lock_waits', 'shared_preload_libraries', 'ssl')) as settings`

interface Row {
  role: string
  maySignal: boolean
  statements: boolean
  /** Where pg_stat_statements is out of reach. */
  closedSchema: string | null
  settings: Record<string, string | undefined>
}

/** Statements longer than this are cut off, bytes. The default of 1 kB cuts what an ORM writes. */
const STATEMENT_BYTES = 4_096

export const examine = async (
  ask: Ask,
  facts: Facts,
  verified: Verification | undefined,
): Promise<Check[]> => {
  const row = (await ask<Row>(SQL))[0] as Row
  return [
    { name: 'version', ok: true, finding: `PostgreSQL ${facts.target.engineVersion}` },
    ...roleChecks(row, facts),
    ...tlsChecks(verified, facts.sameHost, {
      mode: 'sslmode=verify-full',
      ...(row.settings.ssl !== 'on' && { switchOn: 'ALTER SYSTEM SET ssl = on;' }),
    }),
    ...poolerCheck(facts),
    ...statementChecks(row, facts.version),
    ...serverChecks(row.settings),
  ]
}

const roleChecks = ({ role, maySignal }: Row, facts: Facts): Check[] => {
  const name = quoteName(role)
  const canReserve = facts.version >= 160_000
  return [
    check(
      'see-all-sessions',
      facts.seesAll,
      facts.seesAll
        ? `${role} sees every session`
        : `state and statement of other roles' sessions are hidden`,
      `GRANT pg_monitor TO ${name};`,
    ),
    check(
      'end-sessions',
      maySignal,
      maySignal ? `${role} may end sessions` : `${role} may only end its own sessions`,
      `GRANT pg_signal_backend TO ${name};`,
    ),
    check(
      'reserved-slot',
      facts.hasReservedSlot,
      facts.hasReservedSlot
        ? 'there is a slot for Spillway when all are taken'
        : 'no slot is kept for Spillway',
      canReserve
        ? `ALTER SYSTEM SET reserved_connections = 3; -- needs a restart\nGRANT pg_use_reserved_connections TO ${name};`
        : undefined,
    ),
  ]
}

/** The address is the one that the pooler uses; from elsewhere the server may have another. */
const poolerCheck = ({ pooler, target }: Facts): Check[] =>
  pooler === undefined
    ? []
    : [
        check(
          'no-pooler-between',
          false,
          'a pooler stands between: it answers the connection attempts, its connections are the sessions, and who waits in its queue is not seen',
          `name the server itself: postgres://${target.user}@${pooler.server ?? 'HOST:PORT'}/… and PgBouncer with --pgbouncer`,
        ),
      ]

const statementChecks = (row: Row, version: number): Check[] => {
  const { settings, statements } = row
  // Hidden from ordinary roles: then the extension speaks for it.
  const loaded = settings.shared_preload_libraries?.includes('pg_stat_statements') ?? statements
  const id = settings.compute_query_id
  const hasIds = version >= 140_000 && (id === 'on' || (id === 'auto' && loaded))
  const bytes = Number(settings.track_activity_query_size)
  return [
    setting('track_activities', settings.track_activities === 'on', settings, 'on'),
    check(
      'statement-ids',
      hasIds,
      hasIds ? 'statements carry an id of the server' : 'statements are told apart by their text',
      version >= 140_000 ? reload('compute_query_id', 'on') : undefined,
    ),
    countsCheck(row, loaded),
    check(
      'track_activity_query_size',
      bytes >= STATEMENT_BYTES,
      `statements are cut off after ${bytes} bytes`,
      `ALTER SYSTEM SET track_activity_query_size = ${STATEMENT_BYTES}; -- needs a restart`,
    ),
    clockCheck(settings, version),
  ]
}

const CREATE_EXTENSION = 'CREATE EXTENSION pg_stat_statements; -- in this database'

const countsCheck = ({ role, settings, statements, closedSchema }: Row, loaded: boolean): Check => {
  const fixes = [
    ...(loaded ? [] : [preload(settings)]),
    ...(statements ? [] : [CREATE_EXTENSION]),
    ...(closedSchema === null ? [] : [`GRANT USAGE ON SCHEMA ${closedSchema} TO ${quoteName(role)};`]),
  ]
  const finding = loaded
    ? closedSchema === null
      ? 'loaded, but not created in this database'
      : `${role} may not use its schema`
    : 'not loaded: calls are not counted'
  return check(
    'pg_stat_statements',
    fixes.length === 0,
    fixes.length === 0 ? 'installed' : finding,
    fixes.join('\n'),
  )
}

/** What is loaded already stays. */
const preload = ({ shared_preload_libraries: loaded = '' }: Row['settings']): string => {
  const libraries = [...loaded.split(',').map(name => name.trim()), 'pg_stat_statements'].filter(Boolean)
  const list = libraries.map(name => `'${name.replaceAll('"', '').replaceAll("'", "''")}'`).join(', ')
  return `ALTER SYSTEM SET shared_preload_libraries = ${list}; -- needs a restart`
}

/** The server adds up the time of its sessions only where it may look at them and count. */
const clockCheck = (settings: Row['settings'], version: number): Check => {
  const isOld = version < CLOCK_VERSION
  const counts = settings.track_counts === 'on'
  const finding = isOld
    ? 'the load is sampled only: the clock comes with PostgreSQL 14'
    : 'the server keeps time'
  return check(
    'server-clock',
    !isOld && counts,
    counts || isOld ? finding : 'track_counts = off: the server hands in no time',
    isOld ? undefined : reload('track_counts', 'on'),
  )
}

const serverChecks = (settings: Row['settings']): Check[] => [
  setting('track_io_timing', settings.track_io_timing === 'on', settings, 'on'),
  setting('log_lock_waits', settings.log_lock_waits === 'on', settings, 'on'),
  setting(
    'idle_in_transaction_session_timeout',
    settings.idle_in_transaction_session_timeout !== '0',
    settings,
    "'60s'",
  ),
]

const setting = (name: string, ok: boolean, settings: Row['settings'], better: string): Check =>
  check(name, ok, `${name} = ${settings[name] ?? 'unknown'}`, reload(name, better))

const reload = (name: string, value: string): string =>
  `ALTER SYSTEM SET ${name} = ${value}; SELECT pg_reload_conf();`

/** A fix is shown only where something is amiss. */
const check = (name: string, ok: boolean, finding: string, fix: string | undefined): Check =>
  ok || fix === undefined ? { name, ok, finding } : { name, ok, finding, fix }
