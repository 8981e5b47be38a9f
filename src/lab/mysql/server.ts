// A throw-away MySQL or MariaDB server: in a temporary folder, on a free loopback port, gone without a trace.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, closeSync, mkdirSync, mkdtempSync, openSync } from 'node:fs'
import { chmod, chown, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mountSmall, unmount } from '../disk.ts'
import type { LabReplica, LabServer } from '../engine.ts'
import { freePort, HOST } from '../loopback.ts'
import { type Owner, unprivilegedOwner } from '../owner.ts'
import { watchOver } from '../watchdog.ts'
import { initialise } from './data.ts'
import { type MysqlProgram, notStarted, programArgs } from './program.ts'
import { follow } from './replica.ts'

export interface MysqlOptions {
  settings?: Record<string, string | number>
  /** Certificate and key in PEM. */
  tls?: { certFile: string; keyFile: string }
  /** On a disk of its own of this size. */
  diskMb?: number | undefined
}

export interface MysqlServer extends LabServer {
  socket: string
}

const START_MS = 40_000
const STOP_MS = 10_000
const PORT_ATTEMPTS = 3

export const startMysql = async (
  program: MysqlProgram,
  { settings = {}, tls, diskMb }: MysqlOptions = {},
): Promise<MysqlServer> => {
  const owner = unprivilegedOwner()
  const dir = mkdtempSync(join(tmpdir(), 'spillway-mysql-'))
  if (owner !== undefined) chownSync(dir, owner.uid, owner.gid)
  const callOff = watchOver(dir, 'pid', 'KILL')
  const remove = async () => {
    callOff()
    unmount(dir)
    for (const path of [dir, logOf(dir)]) await rm(path, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    if (diskMb !== undefined) mountSmall(dir, diskMb, owner)
    const password = randomBytes(18).toString('base64url')
    await initialise(program, dir, owner)
    await writeFile(join(dir, 'init.sql'), accountSql(password), { mode: 0o644 })
    const log = 'log_bin' in settings ? {} : { skip_log_bin: '' }
    const all = {
      ...DEFAULTS,
      ...log,
      ...(await installTls(tls, dir, owner)),
      ...settings,
      bind_address: HOST,
    }
    const place: Place = { program, dir, settings: all, owner }
    const { child, port } = await launch(place)
    return handle(place, child, port, password, remove)
  } catch (error) {
    await remove()
    throw error
  }
}

/** What it takes to start the server, also once more. */
interface Place {
  program: MysqlProgram
  dir: string
  settings: Record<string, string | number>
  owner: Owner | undefined
}

const handle = (
  place: Place,
  first: ChildProcess,
  port: number,
  password: string,
  remove: () => Promise<void>,
): MysqlServer => {
  const stopping = new AbortController()
  let child = first
  let replicas = 0
  return {
    host: HOST,
    port,
    dir: place.dir,
    get pid() {
      return child.pid as number
    },
    socket: socketOf(place),
    logFile: logOf(place.dir),
    adminUrl: (database = 'mysql') => `mysql://admin:${password}@${HOST}:${port}/${database}`,
    ...(place.program.product === 'mariadb' && {
      replica: () => replicaOf(place, { port, password, number: ++replicas }),
    }),
    signal: name => {
      child.kill(name)
    },
    restart: async (name, downMs) => {
      await end(child, name)
      const again = () => {
        child = run(place, port)
      }
      void sleep(downMs, undefined, { signal: stopping.signal }).then(again, () => undefined)
    },
    stop: async () => {
      stopping.abort()
      await end(child)
      await remove()
    },
  }
}

const socketOf = ({ dir }: Pick<Place, 'dir'>): string => join(dir, 'mysqld.sock')

/** In the server's folder. The server has to write a binary log. */
const replicaOf = async (
  source: Place,
  { port, password, number }: { port: number; password: string; number: number },
): Promise<LabReplica> => {
  const { program, owner } = source
  const { log_bin: _, ...settings } = source.settings
  const dir = join(source.dir, `replica-${number}`)
  mkdirSync(dir)
  if (owner !== undefined) chownSync(dir, owner.uid, owner.gid)
  const callOff = watchOver(dir, 'pid', 'KILL')
  await initialise(program, dir, owner)
  await writeFile(join(dir, 'init.sql'), accountSql(password), { mode: 0o644 })
  const place = {
    program,
    dir,
    settings: { ...settings, skip_log_bin: '', server_id: 1 + number, read_only: 'ON' },
    owner,
  }
  const { child, port: own } = await launch(place)
  const stop = async () => {
    await end(child)
    callOff()
  }
  try {
    await follow({ port, password }, { port: own, password, socket: socketOf(place) })
  } catch (error) {
    await stop()
    throw error
  }
  return { port: own, pid: child.pid as number, stop }
}

/** Beside the folder: that one may be a small disk, which is full when there is something to say. */
const logOf = (dir: string): string => `${dir}.log`

/** Durability is worth nothing for a server that lives for a minute. */
const DEFAULTS: Record<string, string | number> = {
  innodb_flush_log_at_trx_commit: 0,
  innodb_doublewrite: 0,
  innodb_buffer_pool_size: '64M',
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
  owner: Owner | undefined,
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
const launch = async (place: Place): Promise<{ child: ChildProcess; port: number }> => {
  const logFile = logOf(place.dir)
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = run(place, port)
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

const run = ({ program, dir, settings, owner }: Place, port: number): ChildProcess => {
  const options = { ...settings, port, socket: socketOf({ dir }), pid_file: join(dir, 'pid') }
  const args = Object.entries({ ...options, init_file: join(dir, 'init.sql') }).map(([name, value]) =>
    value === '' ? `--${name}` : `--${name}=${value}`,
  )
  const log = openSync(logOf(dir), 'w')
  const [command, ...own] = programArgs(program, dir)
  const child = spawn(command!, [...own, ...args], { ...owner, cwd: dir, stdio: ['ignore', log, log] })
  child.on('error', () => undefined) // without a pid: said by ready()
  closeSync(log)
  return child
}

const ready = async (child: ChildProcess, logFile: string): Promise<void> => {
  const deadline = performance.now() + START_MS
  for (;;) {
    const log = await readFile(logFile, 'utf8')
    if (/ready for connections[\s\S]*port: [1-9]/.test(log)) return
    const gone = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
    if (gone || performance.now() > deadline) {
      throw notStarted(`${log.trimEnd().split('\n').slice(-8).join(' | ')}`)
    }
    await sleep(20)
  }
}

/** By force: what it would write in order is thrown away. */
const end = async (child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_MS) })
  child.kill(signal)
  await exited
}
