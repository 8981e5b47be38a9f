// Services, password files and precedence as libpq has them: psql says the same to a server as Spillway would.
import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresTarget } from '../../src/engine/postgres/index.ts'
import { describeWith } from '../kit/require.ts'

let home: string
let listeners: Server[]
/** What the last client said: the port it came to, user and database. */
let heard: { port: number; user?: string; database?: string }[] = []
const portOf = (n: number) => (listeners[n]!.address() as AddressInfo).port

const listener = async (): Promise<Server> => {
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', (bytes: Buffer) => {
      const { port } = server.address() as AddressInfo
      const words = bytes.subarray(8).toString().split('\0')
      const after = (name: string) => ({ [name]: words[words.indexOf(name) + 1] })
      heard.push({ port, ...after('user'), ...after('database') })
      socket.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'spillway-service-'))
  mkdirSync(join(home, 'sys'))
  listeners = [await listener(), await listener()]
  const here = 'host=127.0.0.1\nsslmode=disable\ngssencmode=disable\n'
  const service = (name: string, port: number, rest: string) => `[${name}]\n${here}port=${port}\n${rest}`
  const put = (path: string, text: string) => writeFileSync(join(home, path), text)
  put(
    '.pg_service.conf',
    `# the user's\n\n  ${service('orders', portOf(0), 'user=first\nuser=second\ndbname=mine\n')}` +
      service('orders', portOf(1), 'user=third\n') +
      service('bare', portOf(0), '') +
      `[spaced]\nhost = 127.0.0.1\n[nested]\nservice=orders\n[strange]\nfrobnicate=1\n[broken]\njust words\n`,
  )
  put(
    'sys/pg_service.conf',
    service('orders', portOf(1), 'user=sys\n') + service('system', portOf(1), 'user=sys\n'),
  )
  put('other.conf', service('orders', portOf(1), 'user=other\n'))
})
afterAll(() => {
  for (const one of listeners) one.close()
  rmSync(home, { recursive: true })
})

const environment = (more: Record<string, string>) => ({
  ...{ HOME: home, PGSYSCONFDIR: join(home, 'sys'), USER: 'root', PGCONNECT_TIMEOUT: '5' },
  ...more,
})
const OTHER = () => ({ PGSERVICEFILE: join(home, 'other.conf') })

/** Text, environment, and what both have to make of it. */
const CASES: [string, (() => Record<string, string>) | undefined, object][] = [
  ['service=orders', undefined, { user: 'first', database: 'mine' }],
  ['postgres:///?service=orders', undefined, { user: 'first', database: 'mine' }],
  ['service=orders user=typed', undefined, { user: 'typed', database: 'mine' }],
  ['postgres://typed@/own?service=orders', undefined, { user: 'typed', database: 'own' }],
  ['service=orders', () => ({ PGUSER: 'env', PGDATABASE: 'env', PGPORT: '1' }), { user: 'first' }],
  ['service=bare', () => ({ PGUSER: 'env', PGDATABASE: 'envdb' }), { user: 'env', database: 'envdb' }],
  ['dbname=x', () => ({ PGSERVICE: 'orders' }), { user: 'first', database: 'x' }],
  ['service=system dbname=x', () => ({ PGSERVICE: 'orders' }), { user: 'sys', database: 'x' }],
  ['service=system dbname=x', undefined, { user: 'sys' }],
  ['service=orders dbname=x', OTHER, { user: 'other', database: 'x' }],
  ['service=system dbname=x', OTHER, { user: 'sys' }],
]
const WRONG: [string, (() => Record<string, string>) | undefined][] = [
  ['service=nowhere', undefined],
  ['service=bare', OTHER],
  ['service=spaced', undefined],
  ['service=nested', undefined],
  ['service=strange', undefined],
  ['service=broken', undefined],
  ['service=orders', () => ({ PGSERVICEFILE: '/nonexistent/file' })],
]

describe('as Spillway reads them', () => {
  test.each(CASES)('%s', (text, env, expected) => {
    expect(postgresTarget(text, environment(env?.() ?? {}))).toMatchObject(expected)
  })

  test('a service stands in for a target', () => {
    expect(postgresTarget(undefined, environment({ PGSERVICE: 'orders' })).name).toBe(
      `first@127.0.0.1:${portOf(0)}/mine`,
    )
  })

  test.each(WRONG)('%s does not parse', (text, env) => {
    expect(() => postgresTarget(text, environment(env?.() ?? {}))).toThrow(
      expect.objectContaining({ code: 'target-unparsable', exit: 64 }),
    )
  })

  test('a file that may not be read, where it is not root that asks', () => {
    const file = join(home, 'closed.conf')
    writeFileSync(file, '[orders]\nuser=u\n')
    chmodSync(file, 0)
    const read = () => postgresTarget('service=orders', environment({ PGSERVICEFILE: file }))
    if (process.getuid?.() === 0) expect(read().user).toBe('u')
    else expect(read).toThrow(expect.objectContaining({ code: 'target-unparsable' }))
  })
})

const hasPsql = (): boolean => {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describeWith('psql', hasPsql(), () => {
  const psql = (text: string, env: Record<string, string>) =>
    new Promise<number | null>(ended => {
      const child = execFile('psql', ['-w', '-X', '-c', '', text], {
        env: { PATH: process.env.PATH, ...environment(env) },
        timeout: 10_000,
      })
      child.once('exit', ended)
    })

  test.each(CASES)('%s', async (text, env) => {
    heard = []
    await psql(text, env?.() ?? {})
    const { port, user, database } = postgresTarget(text, environment(env?.() ?? {}))
    expect(heard[0]).toEqual({ port, user, database })
  })

  test.each(WRONG)('%s does not parse', async (text, env) => {
    heard = []
    expect(await psql(text, env?.() ?? {})).toBe(2)
    expect(heard).toEqual([])
  })
})
