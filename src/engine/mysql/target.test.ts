import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { AppError } from '../../model/index.ts'
import { parseOptions } from './conninfo.ts'
import { isMysqlUri, mysqlTarget } from './target.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const homeWith = (text: string, mode = 0o600): NodeJS.ProcessEnv => {
  const HOME = mkdtempSync(join(tmpdir(), 'spillway-home-'))
  folders.push(HOME)
  writeFileSync(join(HOME, '.my.cnf'), text)
  chmodSync(join(HOME, '.my.cnf'), mode)
  return { HOME, USER: 'me' }
}

test.each([
  [
    'mysql://u:s%40cret@db.example:3307/shop?ssl-mode=VERIFY_IDENTITY&ssl-ca=/ca.pem',
    {
      host: 'db.example',
      port: 3307,
      user: 'u',
      database: 'shop',
      password: 's@cret',
      sslMode: 'verify-identity',
      authority: '/ca.pem',
      engine: 'mysql',
      name: 'u@db.example:3307/shop',
    },
  ],
  [
    'mariadb://h',
    { engine: 'mariadb', host: 'h', port: 3306, user: 'me', sslMode: 'preferred', name: 'me@h:3306' },
  ],
  ['mysql://u:p@ss:word@h/', { host: 'h', password: 'p@ss:word' }],
  ['mysql://u@[::1]:3308/a', { host: '::1', name: 'u@[::1]:3308/a' }],
  [
    'mysql://u@localhost/a?socket=%2Frun%2Fmysqld.sock',
    { host: '/run/mysqld.sock', name: 'u@/run/mysqld.sock/a' },
  ],
  [
    'mysql://h/?sslmode=require&connect_timeout=3&charset=utf8mb4',
    { sslMode: 'required', connectTimeoutMs: 3_000 },
  ],
  ['MYSQL://h/?ssl=true', { sslMode: 'required' }],
])('%s', (text, expected) => {
  expect(mysqlTarget(text, { USER: 'me' })).toMatchObject(expected)
})

test('DATABASE_URL stands in for a text that is not there', () => {
  expect(mysqlTarget(undefined, { DATABASE_URL: 'mysql://u@h/a' }).name).toBe('u@h:3306/a')
  expect(['mysql://h', 'mariadb://h', 'postgres://h', undefined].map(isMysqlUri)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test.each([
  ['', 'target-missing'],
  ['postgres://h', 'target-unparsable'],
  ['mysql://h/a/b', 'target-unparsable'],
  ['mysql://h/%zz', 'target-unparsable'],
  ['mysql://h/?port=70000', 'target-unparsable'],
  ['mysql://h/?ssl-mode=perhaps', 'target-unparsable'],
  ['mysql://u:top-secret@h/?frobnicate=1', 'target-unparsable'],
  ['mysql://u:top-secret@one,two/', 'target-unparsable'],
])('refused: %s', (text, code) => {
  const attempt = () => mysqlTarget(text, {})
  expect(attempt).toThrow(AppError)
  expect(attempt).toThrow(
    expect.objectContaining({ code, message: expect.not.stringContaining('top-secret') }),
  )
})

test('a password is not shown', () => {
  const target = mysqlTarget('mysql://u:top-secret@h/a', {})
  expect(inspect(target) + JSON.stringify(target)).not.toContain('top-secret')
})

test('the option file fills what the URI leaves out', () => {
  const env = homeWith(
    '[client]\nuser=dba\npassword = "p#1"\nhost=filehost\nport=3310\nssl_mode=REQUIRED\nfancy-option=1\n',
  )
  expect(mysqlTarget('mysql://', env)).toMatchObject({
    host: 'filehost',
    port: 3310,
    user: 'dba',
    password: 'p#1',
  })
  expect(mysqlTarget('mysql://dba@h', env)).toMatchObject({ host: 'h', password: 'p#1', sslMode: 'required' })
  // Another account's password is nobody else's business.
  expect(mysqlTarget('mysql://app@h', env).password).toBeUndefined()
})

test('an option file that everybody may write is left alone', () => {
  expect(mysqlTarget('mysql://h', homeWith('[client]\nuser=evil\n', 0o666)).user).toBe('me')
})

test('groups, comments, quotes and escapes of an option file', () => {
  const text =
    "[mysqld]\nuser=mysql\n[client-server]\n# no\n; no\n!include x\nsocket='/a b'\n[client]\npassword=a\\sb\\\\c # why\nno-value\n"
  expect(parseOptions(text)).toEqual({ socket: '/a b', password: 'a b\\c' })
})

const RDS = 'orders.c9akciq32.eu-west-1.rds.amazonaws.com'

test.each([
  [`mysql://u@${RDS}/d`, 'verify-identity'],
  [`mysql://u@${RDS}/d?ssl-mode=required`, 'required'],
  [`mysql://u@${RDS}/d?hostaddr=127.0.0.1`, 'verify-identity'],
  ['mysql://u@h/d?ssl-ca=/ca.pem', 'verify-identity'],
  ['mysql://u@h/d?auth=iam', 'verify-identity'],
  ['mysql://u@h/d', 'preferred'],
])('%s: ssl-mode %s', (text, sslMode) => {
  expect(mysqlTarget(text, {}).sslMode).toBe(sslMode)
})

test('a secret fills what the URI leaves out, before the option file does', () => {
  const env = homeWith('[client]\nuser=dba\npassword=filed\nhost=filehost\nsocket=/s\n')
  const secret = { user: 'app', host: 'db.example', database: 'orders' }
  const target = mysqlTarget('mysql://', env, { settings: { secret: 's' }, secret })
  expect(target).toMatchObject({ name: 'app@db.example:3306/orders', aws: { secret: 's' } })
  expect(target.password).toBeUndefined()
})

test.each(['mysql://u:p@h/?auth=iam', 'mysql://u@h/?auth=iam&ssl-mode=preferred', 'mysql://u@h/?auth=x'])(
  '%s is refused',
  text => {
    expect(() => mysqlTarget(text, {})).toThrow(expect.objectContaining({ code: 'target-unparsable' }))
  },
)

test('MYSQL_PWD is the last resort', () => {
  const env = { MYSQL_PWD: 'last' }
  expect(mysqlTarget('mysql://u@h', env).password).toBe('last')
  expect(mysqlTarget('mysql://u:first@h', env).password).toBe('first')
})

test('an option file includes files and folders, each as strictly as itself', () => {
  const env = homeWith('')
  const [HOME, more] = [env.HOME!, join(env.HOME!, 'more')]
  mkdirSync(more)
  const put = (path: string, text: string, mode = 0o600) => {
    writeFileSync(path, text)
    chmodSync(path, mode)
  }
  put(join(HOME, '.my.cnf'), `[client]\nuser=a\n!include ${HOME}/one\n!includedir ${more}\n`)
  put(join(HOME, 'one'), `[client]\nhost=included\n!include ${HOME}/.my.cnf\n`)
  put(join(more, 'b.cnf'), '[client]\nport=3311\n')
  put(join(more, 'c.cnf'), '[client]\nport=1\n', 0o666)
  put(join(more, 'd.txt'), '[client]\nport=2\n')
  expect(mysqlTarget('mysql://', env)).toMatchObject({ user: 'a', host: 'included', port: 3311 })
})
