// One parameter of the server, or of a role: what it is, where that comes from, and how it is changed on purpose.
import {
  type ActionResult,
  AppError,
  CONNECTION_LIMIT,
  type Setting,
  type SettingChange,
  type Whose,
} from '../../model/index.ts'
import { quoteName } from './failure.ts'
import type { Ask } from './names.ts'
import { inBaseUnit } from './unit.ts'

interface Row {
  value: string
  unit: string | null
  vartype: string
  context: string
  pending: boolean
  /** From ALTER SYSTEM, where this role may see that it is. */
  altered: boolean | null
  boot: string
  /** Of this session alone. */
  own: boolean
}

const SETTING = `/* spillway */ select setting as value, unit, vartype, context, pending_restart as pending,
  sourcefile like '%postgresql.auto.conf' as altered, boot_val as boot,
  source in ('client', 'session') as own from pg_settings where name = lower($1)`

/** Only whoever may read the files knows what a restart will find in them. */
const IN_FILES = `/* spillway */ select setting as value, sourcefile like '%postgresql.auto.conf' as altered
  from pg_file_settings where lower(name) = lower($1) order by seqno desc`

/** $1 role, $2 database, one of them null; $3 parameter. No row: there is no such one. */
const OF_WHOM = `/* spillway */ with whom as (
  select oid as role, 0::oid as database, rolconnlimit as most from pg_roles where rolname = $1
  union all select 0, oid, datconnlimit from pg_database where datname = $2
) select case when $3 = '${CONNECTION_LIMIT}' then nullif(most, -1)::text else substr(one, strpos(one, '=') + 1) end as value
  from whom left join pg_db_role_setting s on s.setrole = whom.role and s.setdatabase = whom.database
  left join lateral unnest(s.setconfig) as one on lower(split_part(one, '=', 1)) = lower($3)
  order by one nulls last limit 1`

/** Throws AppError `setting-unknown`. */
export const readSetting = async (ask: Ask, name: string, whose: Whose | undefined): Promise<Setting> => {
  const isLimit = whose !== undefined && name === CONNECTION_LIMIT
  const [row] = isLimit ? [LIMIT] : await ask<Row>(SETTING, [name])
  if (row === undefined) throw unknown(`there is no parameter ${name}`, 'pg_settings lists them')
  const canonical = (text: string | null) => (text === null ? null : inBaseUnit(text, row))
  const isSame = (a: string | null, b: string | null) => canonical(a) === canonical(b)
  if (whose !== undefined) {
    const { role = null, database = null } = whose as { role?: string; database?: string }
    const [own] = await ask<{ value: string | null }>(OF_WHOM, [role, database, name])
    if (own === undefined) throw unknown(`there is no ${told(whose)}`, 'pg_roles and pg_database list them')
    return { value: own.value, kept: own.value, needsRestart: false, waitsForRestart: false, isSame }
  }
  const files = await ask<{ value: string; altered: boolean }>(IN_FILES, [name]).catch(() => undefined)
  const kept = files ? files.find(({ altered }) => altered)?.value : row.altered ? row.value : undefined
  return {
    // Spillway's own session has some settings of its own; others have what the files say.
    value: row.own ? (files ? (files[0]?.value ?? row.boot) : null) : row.value,
    kept: kept ?? null,
    needsRestart: row.context === 'postmaster',
    waitsForRestart: row.pending,
    isSame,
  }
}

/** Throws AppError: `setting-unknown`, `privilege-missing`, `step-refused`. */
export const setParameter = async (
  ask: Ask,
  { name, value, whose }: Omit<SettingChange, 'kind'>,
  me: string,
): Promise<ActionResult> => {
  const { needsRestart } = await readSetting(ask, name, whose)
  const change =
    whose !== undefined && name === CONNECTION_LIMIT
      ? `connection limit ${limit(value)}`
      : value === null
        ? `reset ${quoted(name)}`
        : `set ${quoted(name)} = ${literal(value)}`
  try {
    if (whose === undefined) {
      await ask(`/* spillway */ alter system ${change}`)
      await ask('/* spillway */ select pg_reload_conf()')
    } else {
      // One message is one transaction, and this one may write.
      await ask(
        `/* spillway */ set local transaction_read_only = off; alter ${told(whose, quoteName)} ${change}`,
      )
    }
  } catch (error) {
    throw refusal(error, name, me)
  }
  const ofWhom = whose === undefined ? '' : ` of ${told(whose)}`
  const when = needsRestart ? ', from the next restart on' : ''
  return {
    done: true,
    status: 'done',
    message: `${name}${ofWhom} is ${value ?? 'what it was by default'}${when}`,
  }
}

/** A limit has no entry among the parameters. */
const LIMIT: Row = {
  value: '',
  unit: null,
  vartype: 'integer',
  context: 'user',
  pending: false,
  altered: null,
  boot: '',
  own: false,
}

const told = (whose: Whose, name = (text: string) => text): string =>
  'role' in whose ? `role ${name(whose.role)}` : `database ${name(whose.database)}`

/** Throws AppError `step-refused`. */
const limit = (value: string | null): string => {
  if (value === null) return '-1'
  if (/^\d{1,9}$/.test(value)) return value
  throw new AppError('step-refused', `${value} is no limit of connections`, 'Give a whole number.')
}

const unknown = (what: string, hint: string) => new AppError('setting-unknown', what, hint)

/** A parameter of an extension has two parts. */
const quoted = (name: string): string => name.split('.').map(quoteName).join('.')

const literal = (value: string): string =>
  value.includes('\\') ? ` E'${escaped(value).replaceAll('\\', '\\\\')}'` : `'${escaped(value)}'`

const escaped = (value: string): string => value.replaceAll("'", "''")

function refusal(error: unknown, name: string, me: string): unknown {
  const native = error instanceof AppError ? error.cause : error
  const { code = '', message = '' } = (native ?? {}) as { code?: string; message?: string }
  if (code === '42501')
    return new AppError(
      'privilege-missing',
      `role ${me} may not set ${name}`,
      `GRANT ALTER SYSTEM ON PARAMETER ${name} TO ${quoteName(me)} (PostgreSQL 15+) and EXECUTE ON FUNCTION pg_reload_conf; a role's own settings take CREATEROLE`,
      error,
    )
  if (!/^(?:22|42|55|25|0A)/.test(code)) return error
  return new AppError(
    'step-refused',
    `${name}: ${message}`,
    'The message is from the server; nothing was changed.',
    error,
  )
}
