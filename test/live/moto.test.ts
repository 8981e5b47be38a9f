// Secrets as another implementation of the AWS APIs has them.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openSecret } from '../../src/aws/index.ts'
import { hasMoto, type Moto, startMoto } from '../kit/moto.ts'
import { describeWith } from '../kit/require.ts'
import { AWS_ENV } from '../kit/token.ts'

describeWith('moto', hasMoto, () => {
  let moto: Moto
  const call = async (action: string, body: object) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `secretsmanager.${action}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/secretsmanager/aws4_request',
    }
    const answer = await fetch(moto.url, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
    return (await answer.json()) as { ARN: string }
  }

  beforeAll(async () => {
    moto = await startMoto()
    const env = { ...AWS_ENV, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.url }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.close()
  })

  test('a secret by name and by ARN, one that is changed, and one that is not there', async () => {
    const fields = { username: 'app', password: 'one', engine: 'mysql', host: 'h', port: 3306 }
    const { ARN } = await call('CreateSecret', { Name: 'orders', SecretString: JSON.stringify(fields) })
    for (const id of ['orders', ARN]) {
      const { engine, settings, source } = await openSecret(id, {}, process.env)
      expect({ engine, settings }).toEqual({
        engine: 'mysql',
        settings: { user: 'app', host: 'h', port: '3306' },
      })
      expect(await source.login()).toEqual({ user: 'app', password: 'one' })
    }
    const { source } = await openSecret('orders', {}, process.env)
    const changed = JSON.stringify({ ...fields, password: 'two' })
    await call('PutSecretValue', { SecretId: 'orders', SecretString: changed })
    expect(await source.renewed(await source.login())).toEqual({ user: 'app', password: 'two' })
    await expect(openSecret('nowhere', {}, process.env)).rejects.toMatchObject({ code: 'secret-unreadable' })
  })
})
