// One variable of the server: what it is, whether it outlives a restart, and how it is changed on purpose.
import {
  type ActionResult,
  AppError,
  type Setting,
  type SettingChange,
  type Whose,
} from '../../model/index.ts'
import type { Facts } from './facts.ts'
import { quoteAccount } from './failure.ts'
import { isLimit, readLimit, setLimit } from './limit.ts'
import { type Ask, errnoOf } from './wire.ts'

type Value = string | number | null
const NAME = /^[a-z][a-z0-9_]*$/

const UNKNOWN = 1193
const READ_ONLY = 1238
const NOT_ALLOWED = [1044, 1142, 1227, 3630]

/** Throws AppError `setting-unknown`. */
export const readSetting = async (ask: Ask, facts: Facts, name: string, whose?: Whose): Promise<Setting> => {
  if (isLimit(name, whose)) return readLimit(ask, facts, whose.role)
  if (whose !== undefined) throw ofServerOnly(whose)
  const value = await globalValue(ask, name)
  const kept = await persisted(ask, facts, name)
  return {
    value,
    kept,
    // MariaDB knows it only by trying; there it is found out by the deed.
    needsRestart: kept !== null && !isSame(kept, value),
    waitsForRestart: kept !== null && !isSame(kept, value),
    isSame,
  }
}

/** MySQL 8 keeps it over a restart; elsewhere only the configuration file does. Throws AppError. */
export const setVariable = async (
  ask: Ask,
  facts: Facts,
  { name, value, whose }: Omit<SettingChange, 'kind'>,
): Promise<ActionResult> => {
  if (isLimit(name, whose)) return setLimit(ask, facts, whose.role, value)
  if (whose !== undefined) throw ofServerOnly(whose)
  const before = await globalValue(ask, name)
  const persists = canPersist(facts)
  const to = value === null ? 'default' : literal(value)
  let restart = false
  try {
    await ask(`/* spillway */ set ${persists ? 'persist' : 'global'} ${name} = ${to}`)
    if (persists && value === null) await ask(`/* spillway */ reset persist if exists ${name}`)
  } catch (error) {
    if (errnoOf(error) !== READ_ONLY || !persists) throw refusal(error, name, facts)
    restart = true
    await ask(`/* spillway */ set persist_only ${name} = ${to}`).catch((again: unknown) => {
      throw refusal(again, name, facts)
    })
  }
  const when = restart ? ', from the next restart on' : persists ? '' : ', until the next restart'
  return { done: true, status: 'done', message: `${name} ${before} → ${value ?? 'its default'}${when}` }
}

async function globalValue(ask: Ask, name: string): Promise<string | null> {
  if (!NAME.test(name)) throw unknown(name)
  try {
    const [[row] = []] = await ask<{ value: Value }>(`/* spillway */ select @@global.${name} as value`)
    return row?.value == null ? null : String(row.value)
  } catch (error) {
    throw errnoOf(error) === UNKNOWN ? unknown(name) : error
  }
}

const persisted = async (ask: Ask, facts: Facts, name: string): Promise<string | null> => {
  if (!canPersist(facts)) return null
  const [[row] = []] = await ask<{ value: Value }>(
    `/* spillway */ select variable_value as value from performance_schema.persisted_variables where variable_name = '${name}'`,
  ).catch(() => [])
  return row?.value == null ? null : String(row.value)
}

const canPersist = ({ flags, target }: Facts): boolean =>
  !flags.mariaDb && Number.parseInt(target.engineVersion ?? '0', 10) >= 8 && !flags.rds

/** `8G` is a number of bytes, and a switch is 1 or ON. */
const isSame = (a: string | null, b: string | null): boolean => plain(a) === plain(b)

const plain = (text: string | null): string | null => {
  if (text === null) return null
  const [, number, unit = ''] = /^(-?\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text.trim()) ?? []
  if (number !== undefined) return String(Number(number) * 1024 ** ' KMGT'.indexOf(unit.toUpperCase() || ' '))
  return SWITCHES.get(text.trim().toLowerCase()) ?? text.trim().toLowerCase()
}

const SWITCHES = new Map([
  ['on', '1'],
  ['true', '1'],
  ['off', '0'],
  ['false', '0'],
])

const literal = (value: string): string => {
  const number = plain(value)
  return number !== null && /^-?\d+(?:\.\d+)?$/.test(number)
    ? number
    : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

const unknown = (name: string): AppError =>
  new AppError(
    'setting-unknown',
    `there is no variable ${JSON.stringify(name)}`,
    'SHOW GLOBAL VARIABLES lists them',
  )

const ofServerOnly = (whose: Whose): AppError =>
  new AppError(
    'step-refused',
    `${Object.values(whose).join()} has no settings of its own: they are the server's`,
    'Its commands stand in the plan.',
  )

function refusal(error: unknown, name: string, { target, flags }: Facts): unknown {
  const number = errnoOf(error)
  if (NOT_ALLOWED.includes(number))
    return new AppError(
      'privilege-missing',
      `account ${quoteAccount(target.user ?? '')} may not set ${name}`,
      `GRANT ${flags.mariaDb ? 'SUPER' : 'SYSTEM_VARIABLES_ADMIN'} ON *.* TO ${quoteAccount(target.user ?? '')}${flags.rds ? '; on RDS the parameter group is the place (rds:ID)' : ''}`,
      error,
    )
  if (number === READ_ONLY)
    return new AppError(
      'step-refused',
      `${name} changes only with a restart of the server`,
      `Write it into the configuration file and restart.`,
      error,
    )
  if (Number.isNaN(number)) return error
  const { message } = (error as { cause: Error }).cause
  return new AppError('step-refused', `${name}: ${message}`, 'The message is from the server.', error)
}
