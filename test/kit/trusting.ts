// What every engine does with certificates and with logins that AWS has: the same table on every real server.
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { iamLogin, openSecret } from '../../src/aws/index.ts'
import type { Settings } from '../../src/dial/index.ts'
import type { Engine, LoginSource } from '../../src/model/index.ts'
import { type Authority, makeAuthority, type Signed } from './authority.ts'
import { type Secrets, startSecrets } from './secrets.ts'
import { AWS_ENV, readToken } from './token.ts'

export interface Subject {
  port: number
  /** From now on the server shows this certificate. */
  show(certificate: Signed): Promise<void>
  /** From now on `app` has this password. */
  setPassword(password: string): Promise<void>
  /** Of a target of `app`; `place` is `host:port/?parameters`. */
  engine(place: string, settings: Settings, source?: LoginSource): Engine
  stop(): Promise<void>
}

/** A name of RDS in a region that is too new for the package of authorities. */
const RDS = 'orders.c9akciq32.mx-central-1.rds.amazonaws.com'
const BUNDLE = 'https://truststore.pki.rds.amazonaws.com/mx-central-1/mx-central-1-bundle.pem'
const PASSWORD = 'first-password'

/** What a server cannot be made to do. */
export type Lack = 'expired certificate' | 'long password'

export const trustTable = (
  start: (certificate: Signed) => Promise<Subject>,
  lacks: readonly Lack[] = [],
): void => {
  const testUnless = (lack: Lack, name: string, body: () => Promise<void>) => {
    if (!lacks.includes(lack)) test(name, body)
  }
  let [authority, stranger]: Authority[] = []
  let subject: Subject
  let good: Signed

  beforeAll(async () => {
    authority = makeAuthority()
    stranger = makeAuthority('somebody else')
    good = authority.issue([`DNS:${RDS}`, 'DNS:localhost'])
    subject = await start(good)
  })
  beforeEach(() => subject.setPassword(PASSWORD))
  afterAll(async () => {
    await subject?.stop()
    authority?.remove()
    stranger?.remove()
  })

  const at = (host: string, query = '') =>
    `app:${PASSWORD}@${host}:${subject.port}/?hostaddr=127.0.0.1${query}`
  const fails = async (place: string, settings: Settings, native: string) => {
    const engine = subject.engine(place, settings)
    const probe = await engine.probe()
    expect(probe).toMatchObject({
      ok: false,
      phase: 'tls',
      failure: 'tls-certificate',
      native: { code: native },
    })
    const problem = engine.explain(probe)
    expect(problem?.code).toBe('tls-failed')
    return problem
  }
  const works = async (place: string, settings: Settings) =>
    expect(await subject.engine(place, settings).probe()).toMatchObject({ ok: true })

  test('RDS is verified without being asked to', async () => {
    const sslCa = authority!.caFile
    const watcher = await subject.engine(at(RDS), { sslCa }).connect()
    const checks = await watcher.examine()
    await watcher.close()
    expect(checks).toContainEqual(expect.objectContaining({ name: 'certificate', ok: true }))
    const problem = await fails(at(RDS), {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    expect(problem?.hint).toContain(BUNDLE)
    await works(at(RDS, '&sslmode=require'), {})
  })

  test('an authority that did not sign', async () => {
    const sslCa = stranger!.caFile
    await fails(at('localhost'), { sslCa }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    await fails(at('localhost', '&sslmode=verify-ca'), { sslCa }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    await works(at('localhost', '&sslmode=prefer'), { sslCa })
  })

  test('another name', async () => {
    const sslCa = authority!.caFile
    await fails(at('elsewhere.example'), { sslCa }, 'ERR_TLS_CERT_ALTNAME_INVALID')
    await works(at('elsewhere.example', '&sslmode=verify-ca'), { sslCa })
  })

  testUnless('expired certificate', 'a certificate that is over', async () => {
    await subject.show(authority!.issue(['DNS:localhost'], -1))
    try {
      await fails(at('localhost'), { sslCa: authority!.caFile }, 'CERT_HAS_EXPIRED')
      await works(at('localhost', '&sslmode=prefer'), {})
    } finally {
      await subject.show(good)
    }
  })

  test('a secret is read again when its password was changed, and no more often', async () => {
    const secrets = await startSecrets()
    for (const [name, value] of Object.entries(secrets.env)) vi.stubEnv(name, value)
    try {
      await rotation(secrets)
    } finally {
      vi.unstubAllEnvs()
      await secrets.close()
    }
  })

  const rotation = async ({ answers, asked, env }: Secrets) => {
    const put = (password: string) =>
      answers.set('orders', { value: JSON.stringify({ username: 'app', password }) })
    put(PASSWORD)
    const { source } = await openSecret('orders', {}, env)
    const engine = subject.engine(`localhost:${subject.port}/`, {}, source)
    const held = await engine.connect()
    expect(asked).toHaveLength(1)

    put('second-password')
    await subject.setPassword('second-password')
    expect(await engine.probe()).toMatchObject({ ok: true })
    expect(await engine.probe()).toMatchObject({ ok: true })
    expect(asked).toHaveLength(2)

    await subject.setPassword('third-password')
    for (let n = 0; n < 3; n++) {
      const probe = await engine.probe()
      expect(probe).toMatchObject({ ok: false, failure: 'authentication-failed', phase: 'authenticate' })
      expect(engine.explain(probe)?.code).toBe('denied')
    }
    expect(asked).toHaveLength(3)
    await held.close()
  }

  testUnless(
    'long password',
    'every connection has a token of its own, which arrives as it was signed',
    async () => {
      const env = { ...AWS_ENV, AWS_SESSION_TOKEN: '' }
      for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
      const signer = iamLogin({ host: RDS, port: subject.port, user: 'app' }, env)
      const tokens: string[] = []
      const source: LoginSource = {
        ...signer,
        login: async signal => {
          const login = await signer.login(signal)
          tokens.push(login.password)
          await subject.setPassword(login.password)
          return login
        },
      }
      const sslCa = authority!.caFile
      const place = `app@${RDS}:${subject.port}/?hostaddr=127.0.0.1&auth=iam`
      const engine = subject.engine(place, { sslCa }, source)
      expect(await engine.probe()).toMatchObject({ ok: true })
      expect(await engine.probe()).toMatchObject({ ok: true })
      vi.unstubAllEnvs()
      expect(tokens).toHaveLength(2)
      for (const token of tokens) {
        const { endpoint, user, region, expiresS, signature, expected } = readToken(token)
        expect({ endpoint, user, region, expiresS }).toEqual({
          endpoint: `${RDS}:${subject.port}`,
          user: 'app',
          region: 'mx-central-1',
          expiresS: 900,
        })
        expect(signature).toBe(expected)
      }
    },
  )
}
