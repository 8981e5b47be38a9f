// A replica of a MariaDB server: a server of its own that is given a dump, and then all that follows in the binary log.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { AppError } from '../../model/index.ts'
import { SHOP_DATABASE } from '../engine.ts'
import { HOST } from '../loopback.ts'

interface Place {
  port: number
  /** Of account `admin`, the same on both. */
  password: string
}

const DUMP = '/usr/bin/mariadb-dump'
const CLIENT = '/usr/bin/mariadb'
const COPY_MS = 60_000
const CATCH_UP_S = 20

/** `replica` is empty. Resolves when it has all that `source` had when asked. Throws AppError `binaries-missing`. */
export const follow = async (source: Place, replica: Place & { socket: string }): Promise<void> => {
  await letIn(() => copy(source, replica))
  const there = await letIn(() => admin(source))
  const here = await admin(replica)
  try {
    await here.query(
      `change master to master_host = '${HOST}', master_port = ${source.port}, master_user = 'admin',
       master_password = '${source.password}', master_use_gtid = slave_pos, master_connect_retry = 1`,
    )
    await here.query('start slave')
    const [[last]] = (await there.query('select @@gtid_binlog_pos as position')) as unknown as [Row[]]
    const [[reached]] = (await here.query('select master_gtid_wait(?, ?) as failed', [
      last?.position,
      CATCH_UP_S,
    ])) as unknown as [Row[]]
    if (Number(reached?.failed) !== 0)
      throw new AppError('server-not-started', 'the replica did not catch up', 'see its log')
  } finally {
    here.destroy()
    there.destroy()
  }
}

const LET_IN_MS = 20_000
const PAUSE_MS = 50

/** The one slot that is kept for an administrator is taken for moments by everybody who is refused. */
const letIn = async <T>(attempt: () => Promise<T>): Promise<T> => {
  const deadline = performance.now() + LET_IN_MS
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const isRefused = error instanceof Error && /too many connections/i.test(error.message)
      if (!isRefused || performance.now() > deadline) throw error
      await sleep(PAUSE_MS)
    }
  }
}

type Row = Record<string, string | number>

const admin = ({ port, password }: Place) =>
  mysql.createConnection({ host: HOST, port, user: 'admin', password, connectTimeout: 5_000 })

/** The shop and all accounts, as they were at the position in the binary log that the dump names. */
const copy = async (source: Place, replica: { socket: string }): Promise<void> => {
  const dump = start(DUMP, source.password, [
    ...[`--host=${HOST}`, `--port=${source.port}`, '--user=admin'],
    ...['--single-transaction', '--gtid', '--master-data=1', '--system=users', '--insert-ignore'],
    ...['--databases', SHOP_DATABASE],
  ])
  // Only root may say who stands in for others, and it has no password yet.
  const load = start(CLIENT, '', [`--socket=${replica.socket}`, '--user=root'])
  await Promise.all([pipeline(dump.stdout, load.stdin), finished(dump), finished(load)])
}

const start = (program: string, password: string, args: readonly string[]) => {
  if (!existsSync(program))
    throw new AppError(
      'binaries-missing',
      `no ${program} was found`,
      'Debian: apt-get install mariadb-client',
    )
  return spawn(program, ['--no-defaults', '--skip-ssl', ...args], {
    env: { MYSQL_PWD: password },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: COPY_MS,
  })
}

const finished = async (child: ReturnType<typeof start>): Promise<void> => {
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0)
    throw new AppError('server-not-started', `the replica was not filled: ${said.slice(-300)}`, 'see its log')
}
