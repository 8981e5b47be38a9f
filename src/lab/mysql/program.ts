// The MySQL and MariaDB servers that can be started here: the installed one, and those under .spillway/servers.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../model/index.ts'

export interface MysqlProgram {
  product: 'mysql' | 'mariadb'
  /** `9.7.4`. */
  version: string
  /** `/`, or the root of a tree that brings its own libraries. */
  root: string
}

/** Those a full run needs, newest last; what is missing is skipped by name. */
export const WANTED = [
  { name: 'MariaDB 10.11', product: 'mariadb', prefix: '10.11.' },
  { name: 'MariaDB 11', product: 'mariadb', prefix: '11.' },
  { name: 'MySQL 9', product: 'mysql', prefix: '9.' },
] as const

const BINARY = { mysql: 'usr/sbin/mysqld', mariadb: 'usr/sbin/mariadbd' } as const

export const programOf = ({ product, prefix }: (typeof WANTED)[number]): MysqlProgram | undefined =>
  roots()
    .filter(root => existsSync(join(root, BINARY[product])))
    .map(root => ({ product, root, version: versionOf(product, root) }))
    .find(({ version }) => version.startsWith(prefix))

/** The newest of a product that can be started here. */
export const newestProgram = (product: MysqlProgram['product']): MysqlProgram | undefined =>
  WANTED.filter(wanted => wanted.product === product)
    .map(programOf)
    .findLast(program => program !== undefined)

const roots = (): string[] => {
  const folder = fileURLToPath(new URL('../../../.spillway/servers/', import.meta.url))
  const trees = existsSync(folder) ? readdirSync(folder) : []
  return ['/', ...trees.filter(name => /^(mysql|mariadb)-\d+$/.test(name)).map(name => join(folder, name))]
}

const versionOf = (product: MysqlProgram['product'], root: string): string => {
  const [command, ...args] = loaded(product, root)
  const text = execFileSync(command!, [...args, '--no-defaults', '--version'], { encoding: 'utf8' })
  return /Ver (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? ''
}

/** A tree of another Debian brings the loader and the libraries that its programs were made for. */
const loaded = (product: MysqlProgram['product'], root: string): string[] => {
  const binary = join(root, BINARY[product])
  if (root === '/') return [binary]
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu')
  return [join(root, 'lib64/ld-linux-x86-64.so.2'), '--library-path', libraries, binary]
}

/** Command and first arguments; `dir` holds the data folder. */
export const programArgs = ({ product, root }: MysqlProgram, dir: string): string[] => [
  ...loaded(product, root),
  '--no-defaults',
  `--datadir=${join(dir, 'data')}`,
  `--tmpdir=${dir}`, // a starting server clears away what looks like a dead one's temporary tables
  `--lc-messages-dir=${shareDir(root)}`,
  ...(product === 'mysql'
    ? ['--mysqlx=OFF', '--secure-file-priv=NULL', '--innodb-redo-log-capacity=8M']
    : ['--innodb-log-file-size=8M']),
]

export const shareDir = (root: string): string =>
  ['usr/share/mysql', 'usr/share/mariadb', 'usr/share/mysql-9']
    .map(name => join(root, name))
    .find(existsSync) ?? root

export const notStarted = (why: string): AppError =>
  new AppError(
    'server-not-started',
    `the MySQL server did not start: ${why}`,
    'see whether its settings are sound',
  )
