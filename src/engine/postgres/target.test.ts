import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { AppError } from '../../model/index.ts'
import { postgresTarget } from './target.ts'

const parse = (text?: string, env: NodeJS.ProcessEnv = {}) => postgresTarget(text, env)

test('a URI with everything', () => {
  const target = parse(
    'postgresql://me:s%40cret@db.example:6432/my%20app?sslmode=verify-full&sslrootcert=/ca.pem',
  )
  expect(target).toMatchObject({ host: 'db.example', port: 6432, user: 'me', database: 'my app' })
  expect(target).toMatchObject({ sslMode: 'verify-full', authority: '/ca.pem', password: 's@cret' })
  expect(target.name).toBe('me@db.example:6432/my app')
})

test.each([
  ['postgres://h', { host: 'h', port: 5432, user: 'me', database: 'me', sslMode: 'prefer' }],
  ['postgres:///app', { host: 'localhost', database: 'app' }],
  ['postgres://u@[::1]:5433/app', { host: '::1', port: 5433, name: 'u@[::1]:5433/app' }],
  ['postgres://u@/app?host=/var/run/postgresql', { host: '/var/run/postgresql', database: 'app' }],
  ['postgres://%2Ftmp/app', { host: '/tmp' }],
  ['postgres://u:p@ss@h/app', { host: 'h', password: 'p@ss' }],
  ['postgres://u:a:b@h/app', { password: 'a:b' }],
  ['postgres://u@h/app?ssl=true', { sslMode: 'require' }],
  ['postgres://u@h/app?connect_timeout=3&application_name=x', { connectTimeoutMs: 3_000 }],
  ['host=h port=1 dbname=app user=u', { host: 'h', port: 1, database: 'app', user: 'u' }],
  ["host = h  password='it\\'s a \\\\ secret' user=u", { password: "it's a \\ secret", user: 'u' }],
  ['hostaddr=10.0.0.1 host=h', { host: 'h', address: '10.0.0.1', name: 'me@h:5432/me' }],
  ['hostaddr=10.0.0.1', { host: '10.0.0.1' }],
])('%s', (text, expected) => {
  expect(parse(text, { USER: 'me' })).toMatchObject(expected)
})

test('without text: DATABASE_URL, then the PG variables, which also fill gaps', () => {
  const env = { PGHOST: 'pg', PGPASSWORD: 'secret', PGUSER: 'u', PGSSLMODE: 'disable', PGDATABASE: 'd' }
  expect(parse(undefined, { ...env, DATABASE_URL: 'postgres://x@url/y' }).name).toBe('x@url:5432/y')
  expect(parse(undefined, env)).toMatchObject({ name: 'u@pg:5432/d', password: 'secret', sslMode: 'disable' })
  expect(parse('postgres://h', env)).toMatchObject({ host: 'h', user: 'u', password: 'secret' })
})

test('nothing at all', () => {
  expect(() => parse()).toThrow(expect.objectContaining({ code: 'target-missing', exit: 64 }))
})

test.each([
  'postgres://u:top-secret@h:port/app',
  'postgres://u:top-secret@h:99999/app',
  'postgres://u:top-secret@h/app?sslmode=sometimes',
  'postgres://u:top-secret@h/app?pgbouncer=true',
  'postgres://u:top-secret@h/app?sslmode',
  'postgres://u:top-secret@h,h2/app',
  'postgres://u:top-secret/more@h/app',
  'postgres://u:top-secret%@h/app',
  'postgres://u:top-secret@[::1/app',
  'mysql://u:top-secret@h/app',
  'host=h password=top-secret port',
  "host=h password='top-secret",
  'top-secret',
])('%s does not parse and is not echoed', text => {
  try {
    parse(text)
    expect.unreachable()
  } catch (error) {
    expect(error).toBeInstanceOf(AppError)
    const { code, message, hint } = error as AppError
    expect(code).toBe('target-unparsable')
    expect(message + hint).not.toContain('top-secret')
    expect(hint).not.toBe('')
  }
})

test('an unknown parameter is named', () => {
  expect(() => parse('postgres://h/d?pgbouncer=true')).toThrow(/"pgbouncer"/)
})

test('printing a target shows no password', () => {
  const target = parse('postgres://u:top-secret@h/d')
  expect(target.password).toBe('top-secret')
  expect(JSON.stringify(target) + inspect(target, { depth: null })).not.toContain('top-secret')
})

const RDS = 'orders.c9akciq32.eu-west-1.rds.amazonaws.com'

test.each([
  [`postgres://u@${RDS}/d`, 'verify-full'],
  [`postgres://u@${RDS}/d?sslmode=require`, 'require'],
  ['postgres://u@h/d', 'prefer'],
  ['postgres://u@h/d?sslrootcert=/ca.pem', 'verify-full'],
  ['postgres://u@h/d?sslrootcert=/ca.pem&sslmode=prefer', 'prefer'],
  ['postgres://u@h/d?auth=iam', 'verify-full'],
  ['postgres://u@h/d?auth=iam&sslmode=require', 'require'],
  [`host=${RDS} hostaddr=127.0.0.1`, 'verify-full'],
])('%s: sslmode %s', (text, sslMode) => {
  expect(parse(text).sslMode).toBe(sslMode)
})

test('an authority named beside the target counts like one in it', () => {
  const settings = { sslCa: '/mine.pem' }
  const target = postgresTarget('postgres://h/d?sslrootcert=/ca.pem', {}, { settings })
  expect(target).toMatchObject({ authority: '/mine.pem', sslMode: 'verify-full' })
})

test('a secret fills what the target leaves out, before the environment does', () => {
  const secret = { user: 'app', host: 'db.example', port: '5433', database: 'orders' }
  const env = { PGHOST: 'pg', PGUSER: 'me', PGDATABASE: 'd', PGPASSWORD: 'p' }
  expect(postgresTarget('', env, { secret }).name).toBe('app@db.example:5433/orders')
  expect(postgresTarget('postgres://h/x?secret=s', env, { secret })).toMatchObject({
    name: 'app@h:5433/x',
    aws: { iam: false, secret: 's' },
  })
})

test.each([
  ['postgres://u:p@h/d?auth=iam', {}],
  ['postgres://u@h/d?auth=iam&secret=s', {}],
  ['postgres://u:p@h/d?secret=s', {}],
  ['postgres://u@h/d?secret=s', { user: 'another' }],
  ['postgres://u@h/d?auth=kerberos', {}],
  ['postgres://u@h/d?auth=iam&sslmode=prefer', {}],
  ['postgres://u@h/d?auth=iam&sslmode=disable', {}],
])('%s is refused', (text, secret) => {
  expect(() => postgresTarget(text, {}, { secret })).toThrow(
    expect.objectContaining({ code: 'target-unparsable', exit: 64 }),
  )
})
