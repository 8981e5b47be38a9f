// The files of a throw-away cluster: data folder, configuration, access rules, certificate.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFile, chmod, chown, copyFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../model/index.ts'
import { HOST } from '../loopback.ts'
import type { Owner } from '../owner.ts'
import type { Binaries } from './binaries.ts'
import { runnableBin } from './install.ts'

export interface PostgresOptions {
  /** Major version; the newest there is when absent. */
  major?: number
  /** Programs to be used instead of those that are found. */
  binaries?: Binaries
  settings?: Record<string, string | number>
  /** Lines of pg_hba.conf that come before the ones made here. */
  hba?: string[]
  /** Certificate and key in PEM; turns TLS on. */
  tls?: { certFile: string; keyFile: string }
  /** On a disk of its own of this size. */
  diskMb?: number | undefined
  signal?: AbortSignal
}

export interface Cluster {
  major: number
  dir: string
  bin: string
  dataDir: string
  logFile: string
  password: string
  owner: Owner | undefined
}

const INITDB_MS = 60_000

export const makeCluster = async (
  binaries: Binaries,
  options: PostgresOptions,
  owner: Owner | undefined,
  dir: string,
): Promise<Cluster> => {
  const bin = await runnableBin(binaries, owner, dir)
  const dataDir = join(dir, 'data')
  const password = randomBytes(18).toString('base64url')
  await initialise(bin, dataDir, password, owner, dir, options.signal)
  if (options.tls !== undefined) await installTls(options.tls, dataDir, owner)
  await appendFile(join(dataDir, 'postgresql.conf'), configuration(options, dir))
  await writeFile(join(dataDir, 'pg_hba.conf'), accessRules(options.hba ?? []))
  return { major: binaries.major, dir, bin, dataDir, logFile: join(dir, 'log'), password, owner }
}

const initialise = async (
  bin: string,
  dataDir: string,
  password: string,
  owner: Owner | undefined,
  dir: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const passwordFile = join(dir, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (owner !== undefined) await chown(passwordFile, owner.uid, owner.gid)
  const args = ['-D', dataDir, '-U', 'postgres', '--pwfile', passwordFile, '-A', 'scram-sha-256']
  args.push('-E', 'UTF8', '--locale=C', '--no-sync')
  try {
    await promisify(execFile)(join(bin, 'initdb'), args, {
      ...owner,
      cwd: dir,
      timeout: INITDB_MS,
      ...(signal && { signal }),
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw notStarted(error instanceof Error ? error.message : String(error))
  } finally {
    await rm(passwordFile, { force: true })
  }
}

const installTls = async (
  tls: { certFile: string; keyFile: string },
  dataDir: string,
  owner: Owner | undefined,
): Promise<void> => {
  for (const [from, name] of [
    [tls.certFile, 'server.crt'],
    [tls.keyFile, 'server.key'],
  ] as const) {
    const to = join(dataDir, name)
    await copyFile(from, to)
    await chmod(to, 0o600)
    if (owner !== undefined) await chown(to, owner.uid, owner.gid)
  }
}

/** Durability is worth nothing for a cluster that lives for a minute. */
const configuration = (options: PostgresOptions, dir: string): string => {
  const settings = {
    listen_addresses: HOST,
    unix_socket_directories: dir,
    fsync: 'off',
    full_page_writes: 'off',
    max_wal_senders: 0,
    lc_messages: 'C',
    ...(options.tls && { ssl: 'on' }),
    ...options.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${quote(String(value))}'`)
  return `\n${lines.join('\n')}\n`
}

const quote = (value: string): string => value.replaceAll("'", "''")

/** Other accounts of this machine must not become superuser through the loopback port. */
const accessRules = (first: string[]): string => {
  const types = [
    ['local', ''],
    ['host', `${HOST}/32`],
  ] as const
  const own = types.flatMap(([type, address]) => [
    `${type} all postgres ${address} scram-sha-256`,
    `${type} all all ${address} trust`,
  ])
  return `${[...first, ...own].join('\n')}\n`
}

export const notStarted = (why: string): AppError =>
  new AppError('server-not-started', `PostgreSQL did not start: ${why}`, 'see whether its settings are sound')
