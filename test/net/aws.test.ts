// What AWS has of a login: tokens against independent signers, secrets against a strict fake and against moto.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { iamLogin, openSecret } from '../../src/aws/index.ts'
import { AppError } from '../../src/model/index.ts'
import { describeWith } from '../kit/require.ts'
import { type Secrets, startSecrets } from '../kit/secrets.ts'
import { AWS_ENV, KEYS, readToken } from '../kit/token.ts'

const HOST = 'orders.c9akciq32.eu-west-1.rds.amazonaws.com'
const stub = (env: Record<string, string | undefined>) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
}
/** None that the SDK would find on a developer's machine. */
const NOBODY = {
  ...{ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SESSION_TOKEN: undefined },
  ...{ AWS_PROFILE: undefined, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined },
  ...{ AWS_SHARED_CREDENTIALS_FILE: '/nonexistent', AWS_CONFIG_FILE: '/nonexistent' },
  ...{ AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' },
}
const problemOf = async (promise: Promise<unknown>): Promise<AppError> => {
  const error = await promise.catch((caught: unknown) => caught)
  if (!(error instanceof AppError)) throw new Error('it did not fail as expected', { cause: error })
  expect(`${error.message}${error.hint}`).not.toMatch(/\n/)
  expect(`${error.message}${error.hint}`).not.toContain(KEYS.secret)
  expect(error.hint).not.toBe('')
  return error
}

beforeEach(() => stub({ ...NOBODY, ...AWS_ENV }))
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a token of IAM', () => {
  test.each([
    [{ host: HOST }, {}, 'eu-west-1'],
    [{ host: HOST, region: 'us-east-2' }, { AWS_REGION: 'ap-east-1' }, 'us-east-2'],
    [{ host: 'db.example' }, { AWS_REGION: 'ap-east-1' }, 'ap-east-1'],
    [{ host: 'db.example' }, { AWS_DEFAULT_REGION: 'ap-east-2' }, 'ap-east-2'],
    [{ host: HOST.toUpperCase() }, {}, 'eu-west-1'],
  ])('%j in %j is signed for %s', async (where, env, region) => {
    const { user, password } = await iamLogin({ port: 5433, user: 'a b@c', ...where }, env).login()
    expect(user).toBe('a b@c')
    const token = readToken(password)
    const endpoint = `${where.host.toLowerCase()}:5433`
    expect(token).toMatchObject({ endpoint, user: 'a b@c', region, expiresS: 900 })
    expect(token.signature).toBe(token.expected)
  })

  test('nobody, and nowhere', async () => {
    stub(NOBODY)
    const nobody = iamLogin({ host: HOST, port: 1, user: 'u' }, {})
    expect(await problemOf(nobody.login())).toMatchObject({ code: 'credentials-missing', exit: 4 })
    stub(AWS_ENV)
    const nowhere = iamLogin({ host: 'db.example', port: 1, user: 'u' }, {})
    expect(await problemOf(nowhere.login())).toMatchObject({ code: 'option-invalid', exit: 64 })
  })
})

const MOTO = '.spillway/servers/moto/usr/lib/python3/dist-packages'
const BOTOCORE = `
import sys
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
key, secret, session, region, date, url = sys.argv[1:]
auth = SigV4QueryAuth(Credentials(key, secret, session), 'rds-db', region, expires=900)
request = AWSRequest(method='GET', url=url)
request.context['timestamp'] = date
auth._modify_request_before_signing(request)
print(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))`

describeWith('botocore', existsSync(MOTO), () => {
  test('signs the same token alike', async () => {
    const { password } = await iamLogin({ host: HOST, port: 5432, user: 'app' }, {}).login()
    const { date, region, signature } = readToken(password)
    const url = `https://${HOST}:5432/?Action=connect&DBUser=app`
    const args = [KEYS.id, KEYS.secret, KEYS.session, region, date, url]
    const env = { PATH: process.env.PATH, PYTHONPATH: MOTO, PYTHONNOUSERSITE: '1' }
    const theirs = execFileSync('/usr/bin/python3', ['-c', BOTOCORE, ...args], { env, encoding: 'utf8' })
    expect(signature).toBe(theirs.trim())
  })
})

describe('a secret', () => {
  let secrets: Secrets
  beforeAll(async () => {
    secrets = await startSecrets()
  })
  beforeEach(() => stub(secrets.env))
  afterAll(() => secrets?.close())

  const put = (fields: unknown) =>
    secrets.answers.set('s', { value: typeof fields === 'string' ? fields : JSON.stringify(fields) })

  test('as RDS makes them', async () => {
    put({ username: 'app', password: 'p', engine: 'postgres', host: 'h', port: 5433, dbname: 'd', more: [] })
    const { engine, settings, source } = await openSecret('s', {}, secrets.env)
    expect({ engine, settings }).toEqual({
      engine: 'postgres',
      settings: { user: 'app', host: 'h', port: '5433', database: 'd' },
    })
    expect(await source.login()).toEqual({ user: 'app', password: 'p' })
  })

  test.each([
    ['s', { region: 'us-east-1' }, 'us-east-1'],
    ['s', {}, 'eu-west-1'],
    ['arn:aws:secretsmanager:sa-east-1:1:secret:s', {}, 'sa-east-1'],
  ])('%s with %j is asked for in %s', async (id, account, region) => {
    put({ username: 'app', password: 'p' })
    secrets.answers.set(id, secrets.answers.get('s')!)
    await openSecret(id, account, secrets.env)
    expect(secrets.regions.at(-1)).toBe(region)
  })

  test.each([
    'top-secret',
    '"top-secret"',
    '{"username":"app","password":"top-secret"',
    { username: 'app' },
    { password: 'top-secret' },
    { username: '', password: 'top-secret' },
    { username: {}, password: ['top-secret'] },
    '',
  ])('%j is none of a database', async fields => {
    put(fields)
    const problem = await problemOf(openSecret('s', {}, secrets.env))
    expect(problem).toMatchObject({ code: 'secret-unreadable', exit: 4 })
    expect(problem.message + problem.hint).not.toContain('top-secret')
  })

  test.each([
    ['ResourceNotFoundException', 'secret-unreadable', 4],
    ['AccessDeniedException', 'secret-unreadable', 4],
    ['DecryptionFailure', 'secret-unreadable', 4],
    ['InvalidRequestException', 'secret-unreadable', 4],
    ['ExpiredTokenException', 'credentials-missing', 4],
    ['UnrecognizedClientException', 'credentials-missing', 4],
    ['ThrottlingException', 'no-answer', 3],
    ['SomethingNewException', 'secret-unreadable', 4],
  ])('%s', async (error, code, exit) => {
    const message = `first line\n\nthe canonical string was ${KEYS.secret}`
    secrets.answers.set('s', { error, message })
    expect(await problemOf(openSecret('s', {}, secrets.env))).toMatchObject({ code, exit })
  })

  test('nobody listens, and nobody asks', async () => {
    stub({ AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' })
    expect(await problemOf(openSecret('s', {}, secrets.env))).toMatchObject({ code: 'no-answer', exit: 3 })
    stub(NOBODY)
    expect(await problemOf(openSecret('s', {}, secrets.env))).toMatchObject({ code: 'credentials-missing' })
  })

  test('both that are refused look once, and a user that took turns is followed', async () => {
    put({ username: 'app', password: 'one' })
    const { source } = await openSecret('s', {}, secrets.env)
    const first = await source.login()
    put({ username: 'app_clone', password: 'two' })
    const before = secrets.asked.length
    const newer = await Promise.all([source.renewed(first), source.renewed(first)])
    expect(newer).toEqual(Array(2).fill({ user: 'app_clone', password: 'two' }))
    expect(secrets.asked.length - before).toBe(1)
    expect(await source.renewed(first)).toEqual({ user: 'app_clone', password: 'two' })
    expect(secrets.asked.length - before).toBe(1)
  })
})
