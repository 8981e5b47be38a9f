// A token of IAM on its way to MySQL: asked for by mysql_clear_password, as RDS does, inside of TLS and nowhere else.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { iamLogin } from '../../src/aws/index.ts'
import { mysqlEngine, mysqlTarget } from '../../src/engine/mysql/index.ts'
import { type Authority, makeAuthority, type Signed } from '../kit/authority.ts'
import { hasOpenssl } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { AWS_ENV, KEYS, readToken } from '../kit/token.ts'

const RDS = 'orders.c9akciq32.eu-west-1.rds.amazonaws.com'
const TLS_FLAG = 0x0800
const SSL_REQUEST_BYTES = 36

const packet = (sequence: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([body.length & 0xff, body.length >> 8, 0, sequence]), body])

/** Protocol 10, version 8.0.0, plugins known, mysql_native_password to begin with. */
const greeting = (flags: number): Buffer =>
  Buffer.concat([
    Buffer.from('\n8.0.0\0\x07\0\0\x0012345678\0', 'latin1'),
    Buffer.from([flags & 0xff, flags >> 8, 33, 2, 0, 8, 0, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from('123456789012\0mysql_native_password\0'),
  ])
const CLEAR = Buffer.from('\xfemysql_clear_password\0\0', 'latin1')
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0])

describeWith('openssl', hasOpenssl(), () => {
  let authority: Authority
  let certificate: Signed
  /** What came as a password, and whether it came through TLS. */
  let heard: { password: string; encrypted: boolean }[] = []

  const converse = async (socket: Socket, flags: number) => {
    // No more than was asked for: what follows the request for TLS is TLS already.
    const next = async (from: Socket, bytes?: number) => {
      await once(from, 'readable')
      return from.read(bytes) as Buffer
    }
    socket.write(packet(0, greeting(flags)))
    let stream = socket
    if (flags & TLS_FLAG) {
      await next(socket, SSL_REQUEST_BYTES)
      const { certFile, keyFile } = certificate
      stream = new TLSSocket(socket, {
        isServer: true,
        cert: readFileSync(certFile),
        key: readFileSync(keyFile),
      })
    }
    stream.on('error', () => undefined)
    const login = await next(stream)
    stream.write(packet(login[3]! + 1, CLEAR))
    const answer = await next(stream)
    const password = answer.subarray(4, -1).toString()
    heard.push({ password, encrypted: stream !== socket })
    stream.write(packet(answer[3]! + 1, OK))
    stream.on('data', () => stream.write(packet(1, OK)))
  }
  const sockets: Socket[] = []
  const listen = async (flags: number): Promise<number> => {
    const server = createServer(socket => {
      sockets.push(socket.on('error', () => undefined))
      converse(socket, flags).catch(() => undefined)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    server.unref()
    return (server.address() as AddressInfo).port
  }
  const engineAt = (port: number, query = '') => {
    const settings = { sslCa: authority.caFile, auth: 'iam' }
    const target = mysqlTarget(`mysql://app@${RDS}:${port}/?hostaddr=127.0.0.1${query}`, {}, { settings })
    const source = iamLogin({ host: RDS, port, user: 'app' }, {})
    return mysqlEngine(Object.assign(target, { source }), { connectMs: 1_000 })
  }

  beforeAll(() => {
    authority = makeAuthority()
    certificate = authority.issue([`DNS:${RDS}`])
    for (const [name, value] of Object.entries(AWS_ENV)) vi.stubEnv(name, value)
  })
  afterEach(() => {
    heard = []
    for (const socket of sockets.splice(0)) socket.destroy()
  })
  afterAll(() => {
    vi.unstubAllEnvs()
    authority?.remove()
  })

  test('a whole token, longer than any password, signed for this endpoint and user', async () => {
    const port = await listen(0x8201 | TLS_FLAG)
    expect(await engineAt(port).probe()).toMatchObject({ ok: true })
    expect(heard).toEqual([{ password: expect.stringContaining(`${RDS}:${port}/?`), encrypted: true }])
    const token = readToken(heard[0]!.password)
    expect(token).toMatchObject({ user: 'app', region: 'eu-west-1', expiresS: 900 })
    expect(token.signature).toBe(token.expected)
    expect(heard[0]!.password).toContain(encodeURIComponent(KEYS.session))
  })

  test('nothing is said to a server without TLS, nor to one that somebody else vouches for', async () => {
    expect(await engineAt(await listen(0x8201)).probe()).toMatchObject({ failure: 'tls-unsupported' })
    const stranger = makeAuthority('a stranger')
    certificate = stranger.issue([`DNS:${RDS}`])
    const port = await listen(0x8201 | TLS_FLAG)
    expect(await engineAt(port).probe()).toMatchObject({ failure: 'tls-certificate' })
    stranger.remove()
    expect(heard).toEqual([])
  })
})
