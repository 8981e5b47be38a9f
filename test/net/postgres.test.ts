// Peers that are no PostgreSQL server: silent, dropping, refusing, or speaking something else. Real sockets all.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { postgresEngine, postgresTarget } from '../../src/engine/postgres/index.ts'
import { AppError, type ErrorCode, type Failure, type Phase, probeMs } from '../../src/model/index.ts'
import { hasOpenssl, makeCertificate } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

/** Short, so that silence is found out quickly. */
const CONNECT_MS = 300
const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map(close => close()))
})

const listen = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return (server.address() as AddressInfo).port
}

const expectFailure = async (
  place: string,
  failure: Failure,
  phase: Phase,
  code: ErrorCode,
  mode = 'prefer',
): Promise<void> => {
  const target = postgresTarget(`postgres://app:top-secret@${place}/app?sslmode=${mode}`, {})
  const engine = postgresEngine(target, { connectMs: CONNECT_MS })
  const probe = await engine.probe()
  expect(probe).toMatchObject({ ok: false, failure, phase })
  expect(Object.keys(probe.phaseMs).at(-1)).toBe(phase)
  expect(probeMs(probe)).toBeLessThan(4 * CONNECT_MS)

  const error = await engine.connect().catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(AppError)
  const { message, hint, code: got } = error as AppError
  expect(got).toBe(code)
  expect(`${message}${hint}`).not.toMatch(/\n|top-secret/)
}

test('unknown host', () => expectFailure('name.invalid', 'name-not-resolved', 'resolve', 'host-unknown'))

test('refused port', async () => {
  const server = createServer()
  const port = await listen(server)
  await closing.pop()?.()
  await expectFailure(`127.0.0.1:${port}`, 'connection-refused', 'connect', 'unreachable')
})

test.each([
  ['prefer', 'tls'],
  ['disable', 'authenticate'],
] as const)('accepts and never answers, sslmode=%s', async (mode, phase) => {
  const port = await listen(createServer())
  await expectFailure(`127.0.0.1:${port}`, 'handshake-timeout', phase, 'no-answer', mode)
})

test.each([
  ['prefer', 'tls'],
  ['disable', 'authenticate'],
] as const)('an HTTP server, sslmode=%s', async (mode, phase) => {
  const port = await listen(createHttp())
  await expectFailure(`127.0.0.1:${port}`, 'not-this-protocol', phase, 'not-this-engine', mode)
})

test.each([
  ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['SMTP', '220 mail ESMTP\r\n'],
  ['MySQL', Buffer.from('4a0000000a382e302e333600', 'hex')],
])('a banner of %s', async (_name, banner) => {
  const port = await listen(createServer(socket => socket.write(banner)))
  await expectFailure(`127.0.0.1:${port}`, 'not-this-protocol', 'tls', 'not-this-engine')
  await expectFailure(`127.0.0.1:${port}`, 'not-this-protocol', 'authenticate', 'not-this-engine', 'disable')
})

test.each([
  ['prefer', 'tls'],
  ['disable', 'authenticate'],
] as const)('a reset in the handshake, sslmode=%s', async (mode, phase) => {
  const port = await listen(createServer(socket => socket.once('data', () => socket.resetAndDestroy())))
  await expectFailure(`127.0.0.1:${port}`, 'connection-reset', phase, 'connection-lost', mode)
})

test('an immediate reset', async () => {
  const port = await listen(createServer(socket => socket.resetAndDestroy()))
  const probe = await postgresEngine(postgresTarget(`postgres://app@127.0.0.1:${port}/app`, {})).probe()
  // The reset may overtake the end of the connection's own handshake.
  expect(probe).toMatchObject({ ok: false, failure: 'connection-reset' })
  expect(['connect', 'tls']).toContain(probe.phase)
})

test.each([
  ['prefer', 'tls'],
  ['disable', 'authenticate'],
] as const)('a polite goodbye, sslmode=%s', async (mode, phase) => {
  const port = await listen(createServer(socket => socket.end()))
  await expectFailure(`127.0.0.1:${port}`, 'connection-reset', phase, 'connection-lost', mode)
})

test('says yes to TLS and then speaks something else', async () => {
  const talk = (socket: Socket) => {
    socket.once('data', () => {
      socket.write('S')
      socket.once('data', () => socket.write('hello, who is there?'))
    })
  }
  const port = await listen(createServer(talk))
  await expectFailure(`127.0.0.1:${port}`, 'not-this-protocol', 'tls', 'not-this-engine')
})

test('offers no TLS where it is required', async () => {
  const port = await listen(createServer(socket => socket.once('data', () => socket.write('N'))))
  await expectFailure(`127.0.0.1:${port}`, 'tls-unsupported', 'tls', 'tls-failed', 'require')
})

test('a postmaster that cannot fork', async () => {
  const text = 'Ecould not fork new process for connection: Cannot allocate memory\n\0'
  const port = await listen(createServer(socket => socket.once('data', () => socket.end(text))))
  await expectFailure(`127.0.0.1:${port}`, 'out-of-memory', 'tls', 'not-ready')
  await expectFailure(`127.0.0.1:${port}`, 'out-of-memory', 'authenticate', 'not-ready', 'disable')
})

test('a TLS-only port that says so', async () => {
  const alert = Buffer.from('15030100020246', 'hex') // fatal, protocol_version
  const port = await listen(createServer(socket => socket.once('data', () => socket.end(alert))))
  await expectFailure(`127.0.0.1:${port}`, 'not-this-protocol', 'tls', 'not-this-engine')
})

describeWith('openssl', hasOpenssl(), () => {
  test('a TLS-only port that hangs up', async () => {
    const certificate = makeCertificate('localhost')
    const [cert, key] = [readFileSync(certificate.certFile), readFileSync(certificate.keyFile)]
    certificate.remove()
    const port = await listen(createTls({ cert, key }).on('tlsClientError', () => undefined))
    await expectFailure(`127.0.0.1:${port}`, 'connection-reset', 'tls', 'connection-lost')
  })
})

test('an abort ends the attempt', async () => {
  const port = await listen(createServer())
  const engine = postgresEngine(postgresTarget(`postgres://app@127.0.0.1:${port}/app`, {}))
  const abort = new AbortController()
  const attempt = engine.connect(abort.signal)
  abort.abort(new Error('enough'))
  await expect(attempt).rejects.toThrow('enough')
  expect(await engine.probe(AbortSignal.abort())).toMatchObject({ ok: false })
})
