// What this account, this server and this connection could do better, each with the command that mends it.
import { tlsChecks, type Verification } from '../../dial/index.ts'
import type { Check } from '../../model/index.ts'
import type { Facts } from './facts.ts'
import { quoteAccount } from './failure.ts'
import { instrumentChecks } from './instruments.ts'
import type { Ask } from './wire.ts'

const VARIABLES = [
  ...[
    'performance_schema',
    'idle_transaction_timeout',
    'innodb_lock_wait_timeout',
    'wait_timeout',
    'have_ssl',
  ],
  ...['innodb_print_all_deadlocks', 'require_secure_transport', 'host_cache_size', 'skip_name_resolve'],
]

const SQL = `/* spillway */ show global variables where variable_name in (${VARIABLES.map(name => `'${name}'`).join(', ')})`

type Settings = Record<string, string | undefined>

/** Idle clients are kept for eight hours by default: long enough for a leak to take every slot. */
const MAX_WAIT_TIMEOUT_S = 3_600
/** The default of 50 s lets a queue take every slot before anybody gives up. */
const MAX_LOCK_WAIT_S = 20

export const examine = async (
  ask: Ask,
  facts: Facts,
  verified: Verification | undefined,
): Promise<Check[]> => {
  const [rows = []] = await ask<{ Variable_name: string; Value: string }>(SQL)
  const settings: Settings = Object.fromEntries(rows.map(row => [row.Variable_name, row.Value]))
  const { flags, target } = facts
  const name = `${flags.mariaDb ? 'MariaDB' : 'MySQL'} ${target.engineVersion}`
  return [
    { name: 'version', ok: true, finding: name },
    ...accountChecks(facts),
    ...tlsChecks(verified, facts.sameHost, { mode: 'ssl-mode=verify-identity' }),
    ...(await instrumentChecks(ask, facts, settings.performance_schema === 'ON')),
    ...serverChecks(facts, settings),
  ]
}

const accountChecks = ({ flags, privileges, target, seesAll }: Facts): Check[] => {
  const account = quoteAccount(target.user ?? '')
  const admin = flags.mariaDb ? 'CONNECTION ADMIN' : 'CONNECTION_ADMIN'
  return [
    check(
      'see-all-sessions',
      seesAll,
      seesAll ? 'every session is seen' : 'only sessions of this account are seen',
      `GRANT PROCESS ON *.* TO ${account};`,
    ),
    check(
      'see-transactions',
      flags.transactions,
      flags.transactions ? 'open transactions are seen' : 'open transactions are hidden: idle ones look idle',
      `GRANT PROCESS ON *.* TO ${account};`,
    ),
    check(
      'end-sessions',
      privileges.connectionAdmin || flags.rds,
      privileges.connectionAdmin || flags.rds ? 'sessions can be ended' : 'only own sessions can be ended',
      `GRANT ${admin} ON *.* TO ${account};`,
    ),
    check(
      'reserved-slot',
      privileges.connectionAdmin,
      privileges.connectionAdmin
        ? 'there is a slot for Spillway when all are taken'
        : 'no slot is kept for Spillway',
      `GRANT ${admin} ON *.* TO ${account};`,
    ),
    check(
      'account-limits',
      flags.accounts,
      flags.accounts ? 'limits of accounts are read' : 'limits of accounts are hidden',
      `GRANT SELECT ON mysql.user TO ${account};`,
    ),
  ]
}

const serverChecks = ({ flags }: Facts, settings: Settings): Check[] => {
  const set = flags.mariaDb ? 'SET GLOBAL' : 'SET PERSIST'
  const setting = (name: string, ok: boolean, better: string): Check =>
    check(name, ok, `${name} = ${settings[name] ?? 'unknown'}`, `${set} ${name} = ${better};`)
  return [
    setting('wait_timeout', Number(settings.wait_timeout) <= MAX_WAIT_TIMEOUT_S, '600'),
    setting('innodb_lock_wait_timeout', Number(settings.innodb_lock_wait_timeout) <= MAX_LOCK_WAIT_S, '10'),
    setting('innodb_print_all_deadlocks', settings.innodb_print_all_deadlocks === 'ON', 'ON'),
    ...(settings.idle_transaction_timeout === undefined
      ? []
      : [setting('idle_transaction_timeout', settings.idle_transaction_timeout !== '0', '60')]),
  ]
}

/** A fix is shown only where something is amiss. */
const check = (name: string, ok: boolean, finding: string, fix: string): Check =>
  ok ? { name, ok, finding } : { name, ok, finding, fix }
