// The data folder of a new server, with nothing in it but the system tables: made once for each version, then copied.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Owner } from '../owner.ts'
import { type MysqlProgram, notStarted, programArgs, shareDir } from './program.ts'

const TEMPLATES = fileURLToPath(new URL('../../../.spillway/templates/', import.meta.url))

export const initialise = async (
  program: MysqlProgram,
  dir: string,
  owner: Owner | undefined,
): Promise<void> => {
  const data = join(dir, 'data')
  const template = join(TEMPLATES, `${program.product}-${program.version}`)
  if (!existsSync(template)) {
    await bootstrap(program, dir, owner)
    // Whole at once, or not at all; another process may have been faster.
    const half = `${template}.${randomUUID()}`
    try {
      await mkdir(TEMPLATES, { recursive: true })
      await cp(data, half, { recursive: true })
      await rename(half, template)
    } catch {
      await rm(half, { recursive: true, force: true }).catch(() => undefined)
    }
    return
  }
  // Without its UUID: each server makes one of its own, or it could not follow another.
  await cp(template, data, { recursive: true, filter: from => basename(from) !== 'auto.cnf' })
  if (owner === undefined) return
  await chown(data, owner.uid, owner.gid)
  for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    await chown(join(data, name), owner.uid, owner.gid)
  }
}

const bootstrap = async (program: MysqlProgram, dir: string, owner: Owner | undefined): Promise<void> => {
  const [command, ...args] = programArgs(program, dir)
  const isMysql = program.product === 'mysql'
  if (!isMysql) await makeFolder(join(dir, 'data'), owner)
  const mode = isMysql ? '--initialize-insecure' : '--bootstrap'
  const child = spawn(command!, [...args, mode, ...(isMysql ? [] : ['--skip-networking'])], {
    ...owner,
    cwd: dir,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(isMysql ? '' : await bootstrapSql(program.root))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw notStarted(`no data folder was made (${code}): ${said.slice(-600)}`)
}

const makeFolder = async (path: string, owner: Owner | undefined): Promise<void> => {
  await mkdir(join(path, 'mysql'), { recursive: true })
  if (owner !== undefined)
    for (const one of [path, join(path, 'mysql')]) await chown(one, owner.uid, owner.gid)
}

/** What mariadb-install-db feeds to the server, in its order. */
const BOOTSTRAP = [
  /_system_tables\.sql$/,
  /_performance_tables\.sql$/,
  /_system_tables_data\.sql$/,
  /_sys_schema\.sql$/,
]

const bootstrapSql = async (root: string): Promise<string> => {
  const share = shareDir(root)
  const names = readdirSync(share)
  const files = BOOTSTRAP.flatMap(pattern => names.filter(name => pattern.test(name)).slice(0, 1))
  const texts = await Promise.all(files.map(name => readFile(join(share, name), 'utf8')))
  return ['use mysql;', 'SET @auth_root_socket=NULL;', ...texts, ''].join('\n')
}
