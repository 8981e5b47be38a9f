// The data folder of a new server, with nothing in it but the system tables.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { chown, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MysqlProgram, programArgs, shareDir } from './mysql-program.ts'

export const initialise = async (
  program: MysqlProgram,
  dir: string,
  owner: { uid: number; gid: number } | undefined,
): Promise<void> => {
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
  if (code !== 0) throw new Error(`no data folder was made (${code}): ${said.slice(-600)}`)
}

const makeFolder = async (path: string, owner: { uid: number; gid: number } | undefined): Promise<void> => {
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
