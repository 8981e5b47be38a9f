// Secrets as another implementation of the AWS APIs has them.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openSecret } from '../../src/aws/index.ts'
import { describeWith } from '../kit/require.ts'
import { AWS_ENV } from '../kit/token.ts'

const MOTO = resolve('.spillway/servers/moto/usr/lib/python3/dist-packages')
const START_MS = 30_000

describeWith('moto', existsSync(MOTO), () => {
  let server: ChildProcess
  let url: string
  const call = async (action: string, body: object) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `secretsmanager.${action}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/secretsmanager/aws4_request',
    }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
    return (await answer.json()) as { ARN: string }
  }

  beforeAll(async () => {
    server = spawn('/usr/bin/python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
      env: { PATH: process.env.PATH, PYTHONPATH: MOTO, PYTHONNOUSERSITE: '1', PYTHONWARNINGS: 'ignore' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    url = await listening(server)
    const env = { ...AWS_ENV, AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_SECRETS_MANAGER: url }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    if (server.exitCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
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

/** The address it says it listens on. */
const listening = (server: ChildProcess): Promise<string> =>
  new Promise((found, failed) => {
    let said = ''
    const late = setTimeout(() => failed(new Error(`moto does not listen: ${said}`)), START_MS)
    const hear = (chunk: Buffer) => {
      said += chunk
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (address === undefined) return
      clearTimeout(late)
      found(address)
    }
    server.stdout?.on('data', hear)
    server.stderr?.on('data', hear)
    server.once('exit', () => failed(new Error(`moto ended: ${said}`)))
  })
