// One parameter of the server, or of a role: what it is, where that comes from, and how it is changed on purpose.
import { type ActionResult, AppError, type Setting } from '../../model/index.ts'
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

const OF_ROLE = `/* spillway */ select substr(one, strpos(one, '=') + 1) as value
  from pg_roles r left join pg_db_role_setting s on s.setrole = r.oid and s.setdatabase = 0
  left join lateral unnest(s.setconfig) as one on lower(split_part(one, '=', 1)) = lower($2)
  where r.rolname = $1 order by one nulls last limit 1`

/** Throws AppError `setting-unknown`. */
export const readSetting = async (ask: Ask, name: string, role: string | undefined): Promise<Setting> => {
  const [row] = await ask<Row>(SETTING, [name])
  if (row === undefined) throw unknown(`there is no parameter ${name}`, 'pg_settings lists them')
  const canonical = (text: string | null) => (text === null ? null : inBaseUnit(text, row))
  const isSame = (a: string | null, b: string | null) => canonical(a) === canonical(b)
  if (role !== undefined) {
    const [own] = await ask<{ value: string | null }>(OF_ROLE, [role, name])
    if (own === undefined) throw unknown(`there is no role ${role}`, 'pg_roles lists them')
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
  { name, value, role }: { name: string; value: string | null; role?: string },
  me: string,
): Promise<ActionResult> => {
  const { needsRestart } = await readSetting(ask, name, role)
  const change = value === null ? `reset ${quoted(name)}` : `set ${quoted(name)} = ${literal(value)}`
  try {
    if (role === undefined) {
      await ask(`/* spillway */ alter system ${change}`)
      await ask('/* spillway */ select pg_reload_conf()')
    } else {
      // One message is one transaction, and this one may write.
      await ask(
        `/* spillway */ set local transaction_read_only = off; alter role ${quoteName(role)} ${change}`,
      )
    }
  } catch (error) {
    throw refusal(error, name, me)
  }
  const whose = role === undefined ? '' : ` of role ${role}`
  const when = needsRestart && role === undefined ? ', from the next restart on' : ''
  return {
    done: true,
    status: 'done',
    message: `${name}${whose} is ${value ?? 'what it was by default'}${when}`,
  }
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
