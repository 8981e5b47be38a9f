// A throw-away PgBouncer in front of a throw-away PostgreSQL: own folder, free loopback port, gone without a trace.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { AppError } from '../../model/index.ts'
import { freePort, HOST } from '../loopback.ts'
import { unprivilegedOwner } from '../owner.ts'
import { watchOver } from '../watchdog.ts'

export interface Pgbouncer {
  port: number
  pid: number
  /** Of a client of the pool, through PgBouncer. */
  url(user: string, database?: string): string
  /** Of the admin console. */
  consoleUrl: string
  logFile: string
  /** Of each of its pools. Rejects as its console does. */
  resize(size: number): Promise<void>
  stop(): Promise<void>
}

const PROGRAMS = ['pgbouncer', '/usr/sbin/pgbouncer']
const START_MS = 10_000
const TELL_MS = 5_000

const programOf = (): string | undefined =>
  PROGRAMS.find(program => {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })

export const hasPgbouncer = (): boolean => programOf() !== undefined

const missing = (): AppError =>
  new AppError('binaries-missing', 'no PgBouncer was found', 'Debian: apt-get install pgbouncer')

/** Everybody in `users` is let in without a password; `admin` may use the console. */
export const startPgbouncer = async (
  serverPort: number,
  users: string[],
  settings: Record<string, string | number>,
  tls?: { certFile: string; keyFile: string },
): Promise<Pgbouncer> => {
  const program = programOf()
  if (program === undefined) throw missing()
  const dir = mkdtempSync(join(tmpdir(), 'spillway-pgbouncer-'))
  const owner = unprivilegedOwner()
  if (owner) chownSync(dir, owner.uid, owner.gid)
  const callOff = watchOver(dir, 'pid', 'KILL')
  const port = await freePort()
  const all = {
    listen_addr: HOST,
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: join(dir, 'users'),
    admin_users: 'admin',
    logfile: join(dir, 'log'),
    pidfile: join(dir, 'pid'),
    ...(tls ? requireTls(tls, dir, owner) : {}),
    ...settings,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`)
  const databases = `[databases]\n* = host=${HOST} port=${serverPort}\n`
  writeFileSync(join(dir, 'pgbouncer.ini'), `${databases}[pgbouncer]\n${lines.join('\n')}\n`)
  writeFileSync(join(dir, 'users'), ['admin', ...users].map(user => `"${user}" ""\n`).join(''))
  const child = spawn(program, ['--quiet', join(dir, 'pgbouncer.ini')], {
    ...owner,
    cwd: dir,
    stdio: 'ignore',
  })
  const stop = async () => {
    await end(child)
    callOff()
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    await listening(child, port)
  } catch (error) {
    await stop()
    throw error
  }
  const consoleUrl = `postgres://admin@${HOST}:${port}/pgbouncer`
  return {
    port,
    pid: child.pid as number,
    url: (user, database = 'postgres') => `postgres://${user}@${HOST}:${port}/${database}`,
    logFile: all.logfile,
    consoleUrl,
    resize: size => tell(consoleUrl, `set default_pool_size = ${size}`),
    stop,
  }
}

/** Over the admin console. */
const tell = async (connectionString: string, command: string): Promise<void> => {
  const client = new pg.Client({ connectionString, ssl: false, query_timeout: TELL_MS })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(command)
  } finally {
    await client.end()
  }
}

/** Copied, because PgBouncer may not be let into the folder where they are. */
const requireTls = (
  { certFile, keyFile }: { certFile: string; keyFile: string },
  dir: string,
  owner: ReturnType<typeof unprivilegedOwner>,
): Record<string, string> => {
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
  copyFileSync(certFile, cert)
  copyFileSync(keyFile, key)
  if (owner) chownSync(key, owner.uid, owner.gid)
  return { client_tls_sslmode: 'require', client_tls_cert_file: cert, client_tls_key_file: key }
}

const listening = async (child: ChildProcess, port: number): Promise<void> => {
  for (const deadline = performance.now() + START_MS; performance.now() < deadline; await sleep(20)) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`)
    const socket = connect(port, HOST)
    const opened = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (opened) return
  }
  throw new Error('pgbouncer does not listen')
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
