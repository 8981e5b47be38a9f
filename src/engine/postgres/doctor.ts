// What this role, this server and this connection could do better, each with the command that mends it.
import { tlsChecks, type Verification } from '../../dial/index.ts'
import type { Check } from '../../model/index.ts'
import type { Facts } from './facts.ts'
import { quoteName } from './failure.ts'
import type { Ask } from './names.ts'

const SQL = `/* spillway */
select current_user::text as role,
  exists (select from pg_roles where rolname = 'pg_signal_backend' and pg_has_role(oid, 'usage')) as "maySignal",
  exists (select from pg_extension where extname = 'pg_stat_statements') as statements,
  (select json_object_agg(name, setting) from pg_settings where name in ('compute_query_id',
    'track_activity_query_size', 'track_io_timing', 'track_activities', 'idle_in_transaction_session_timeout',
    'log_lock_waits', 'shared_preload_libraries', 'ssl')) as settings`

interface Row {
  role: string
  maySignal: boolean
  statements: boolean
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

const statementChecks = ({ settings, statements }: Row, version: number): Check[] => {
  const loaded = settings.shared_preload_libraries?.includes('pg_stat_statements') === true
  const hasIds = version >= 140_000 && (settings.compute_query_id === 'on' || loaded)
  const bytes = Number(settings.track_activity_query_size)
  const statementsFix = loaded
    ? 'CREATE EXTENSION pg_stat_statements;'
    : "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; -- needs a restart"
  return [
    setting('track_activities', settings.track_activities === 'on', settings, 'on'),
    check(
      'statement-ids',
      hasIds,
      hasIds ? 'statements carry an id of the server' : 'statements are told apart by their text',
      version >= 140_000 ? reload('compute_query_id', 'on') : undefined,
    ),
    check(
      'pg_stat_statements',
      loaded && statements,
      statements && loaded ? 'installed' : 'not installed',
      statementsFix,
    ),
    check(
      'track_activity_query_size',
      bytes >= STATEMENT_BYTES,
      `statements are cut off after ${bytes} bytes`,
      `ALTER SYSTEM SET track_activity_query_size = ${STATEMENT_BYTES}; -- needs a restart`,
    ),
  ]
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
