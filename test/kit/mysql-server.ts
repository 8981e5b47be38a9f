// A throw-away MySQL or MariaDB server: in a temporary folder, on a free loopback port, gone without a trace.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, mkdtempSync, openSync } from 'node:fs'
import { chmod, chown, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { unprivilegedOwner } from '../../src/lab/postgres/cluster.ts'
import { initialise } from './mysql-data.ts'
import { type MysqlProgram, programArgs } from './mysql-program.ts'

export interface MysqlOptions {
  settings?: Record<string, string | number>
  /** Certificate and key in PEM. */
  tls?: { certFile: string; keyFile: string }
}

export interface MysqlServer {
  host: string
  port: number
  pid: number
  socket: string
  /** URI of an account that may do everything. */
  adminUrl(database?: string): string
  signal(name: NodeJS.Signals): void
  /** Ends the server and removes its folder. */
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const START_MS = 40_000
const STOP_MS = 10_000
const PORT_ATTEMPTS = 3

export const startMysql = async (
  program: MysqlProgram,
  { settings = {}, tls }: MysqlOptions = {},
): Promise<MysqlServer> => {
  const owner = unprivilegedOwner()
  const dir = mkdtempSync(join(tmpdir(), 'spillway-mysql-'))
  if (owner !== undefined) chownSync(dir, owner.uid, owner.gid)
  const callOff = watchOver(dir)
  const remove = async () => {
    callOff()
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    const password = randomBytes(18).toString('base64url')
    await initialise(program, dir, owner)
    await writeFile(join(dir, 'init.sql'), accountSql(password), { mode: 0o644 })
    const all = { ...DEFAULTS, ...(await installTls(tls, dir, owner)), ...settings, bind_address: HOST }
    const { child, port } = await launch(program, dir, all, owner)
    return {
      host: HOST,
      port,
      pid: child.pid as number,
      socket: join(dir, 'mysqld.sock'),
      adminUrl: (database = 'mysql') => `mysql://admin:${password}@${HOST}:${port}/${database}`,
      signal: name => {
        child.kill(name)
      },
      stop: async () => {
        await end(child)
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Durability is worth nothing for a server that lives for a minute. */
const DEFAULTS: Record<string, string | number> = {
  innodb_flush_log_at_trx_commit: 0,
  innodb_doublewrite: 0,
  innodb_buffer_pool_size: '64M',
  skip_log_bin: '',
}

const accountSql = (password: string): string =>
  [
    `CREATE USER IF NOT EXISTS 'admin'@'%' IDENTIFIED BY '${password}';`,
    "GRANT ALL PRIVILEGES ON *.* TO 'admin'@'%' WITH GRANT OPTION;",
    '',
  ].join('\n')

/** Copied, because the server may not be let into the folder where they are. */
const installTls = async (
  tls: MysqlOptions['tls'],
  dir: string,
  owner: { uid: number; gid: number } | undefined,
): Promise<Record<string, string>> => {
  if (tls === undefined) return {}
  const [cert, key] = [join(dir, 'server.crt'), join(dir, 'server.key')]
  for (const [from, to] of [
    [tls.certFile, cert],
    [tls.keyFile, key],
  ] as const) {
    await copyFile(from, to)
    await chmod(to, 0o600)
    if (owner !== undefined) await chown(to, owner.uid, owner.gid)
  }
  return { ssl_cert: cert, ssl_key: key, ssl_ca: cert }
}

/** A free port can be taken by somebody else before the server listens: then another one is tried. */
const launch = async (
  program: MysqlProgram,
  dir: string,
  settings: Record<string, string | number>,
  owner: { uid: number; gid: number } | undefined,
): Promise<{ child: ChildProcess; port: number }> => {
  const logFile = join(dir, 'log')
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const options = { ...settings, port, socket: join(dir, 'mysqld.sock'), pid_file: join(dir, 'pid') }
    const args = Object.entries({ ...options, init_file: join(dir, 'init.sql') }).map(([name, value]) =>
      value === '' ? `--${name}` : `--${name}=${value}`,
    )
    const log = openSync(logFile, 'w')
    const [command, ...own] = programArgs(program, dir)
    const child = spawn(command!, [...own, ...args], { ...owner, cwd: dir, stdio: ['ignore', log, log] })
    child.on('error', () => undefined) // without a pid: said by ready()
    closeSync(log)
    try {
      await ready(child, logFile)
      return { child, port }
    } catch (error) {
      await end(child)
      if (attempt < PORT_ATTEMPTS && /bind on TCP|Address already/i.test(await readFile(logFile, 'utf8')))
        continue
      throw error
    }
  }
}

const freePort = async (): Promise<number> => {
  const listener = createServer().listen(0, HOST)
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  if (address === null || typeof address === 'string') throw new Error('no loopback port is free')
  return address.port
}

const ready = async (child: ChildProcess, logFile: string): Promise<void> => {
  const deadline = performance.now() + START_MS
  for (;;) {
    const log = await readFile(logFile, 'utf8')
    if (/ready for connections[\s\S]*port: [1-9]/.test(log)) return
    const gone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
    if (gone || performance.now() > deadline) {
      throw new Error(`the server did not start: ${log.trimEnd().split('\n').slice(-8).join(' | ')}`)
    }
    await sleep(20)
  }
}

/** By force: what it would write in order is thrown away. */
const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_MS) })
  child.kill('SIGKILL')
  await exited
}

const WATCHDOG = `
cat >/dev/null
pid=$(cat "$1/pid" 2>/dev/null) && kill -KILL "$pid"
for _ in 1 2 3 4 5; do rm -rf "$1" && break; sleep 1; done
`

/** Ends the server and removes the folder when this process is gone in whatever way. Returns how to call it off. */
const watchOver = (dir: string): (() => void) => {
  const shell = spawn('/bin/sh', ['-c', WATCHDOG, 'spillway-watchdog', dir], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  return () => {
    shell.kill('SIGKILL')
    shell.stdin.destroy()
  }
}
