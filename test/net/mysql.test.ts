// Peers that are no MySQL server: silent, dropping, refusing, or speaking something else. Real sockets all.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { mysqlEngine, mysqlTarget } from '../../src/engine/mysql/index.ts'
import { AppError, type ErrorCode, type Failure, type Phase, probeMs } from '../../src/model/index.ts'

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
  mode = 'preferred',
): Promise<void> => {
  const target = mysqlTarget(`mysql://app:top-secret@${place}/app?ssl-mode=${mode}`, {})
  const engine = mysqlEngine(target, { connectMs: CONNECT_MS })
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

/** Protocol 10, version 8.0.0, the lower flags as given, mysql_native_password. */
const greeting = (flags: number): Buffer => {
  const body = Buffer.concat([
    Buffer.from([10]),
    Buffer.from('8.0.0\0'),
    Buffer.from([7, 0, 0, 0]),
    Buffer.from('12345678\0'),
    Buffer.from([flags & 0xff, flags >> 8, 33, 2, 0, 8, 0, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from('123456789012\0mysql_native_password\0'),
  ])
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body])
}
const PLAIN = 0x8201
const WITH_TLS = PLAIN | 0x0800
const greets = (flags: number, then: (socket: Socket) => void = () => undefined) =>
  createServer(socket => {
    socket.write(greeting(flags))
    socket.once('data', () => then(socket))
  })

test('unknown host', () => expectFailure('name.invalid', 'name-not-resolved', 'resolve', 'host-unknown'))

test('refused port', async () => {
  const port = await listen(createServer())
  await closing.pop()?.()
  await expectFailure(`127.0.0.1:${port}`, 'connection-refused', 'connect', 'unreachable')
})

test.each([
  ['preferred', 'tls'],
  ['disabled', 'authenticate'],
] as const)('accepts and never greets, ssl-mode=%s', async (mode, phase) => {
  const port = await listen(createServer())
  await expectFailure(`127.0.0.1:${port}`, 'handshake-timeout', phase, 'no-answer', mode)
})

test.each([
  ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['SMTP', '220 mail ESMTP\r\n'],
  ['the X protocol', Buffer.from('05000000 0b 08051a00'.replaceAll(' ', ''), 'hex')],
  [
    'a greeting without an end',
    Buffer.concat([Buffer.from([255, 255, 255, 0, 10]), Buffer.alloc(3_000, 65)]),
  ],
])('a banner of %s', async (_name, banner) => {
  const port = await listen(createServer(socket => socket.write(banner)))
  await expectFailure(`127.0.0.1:${port}`, 'not-this-protocol', 'tls', 'not-this-engine')
  await expectFailure(`127.0.0.1:${port}`, 'not-this-protocol', 'authenticate', 'not-this-engine', 'disabled')
})

test('half a greeting', async () => {
  const port = await listen(createServer(socket => socket.write(greeting(WITH_TLS).subarray(0, 20))))
  await expectFailure(`127.0.0.1:${port}`, 'handshake-timeout', 'tls', 'no-answer')
})

test('a greeting in many pieces', async () => {
  const port = await listen(
    createServer(socket => {
      for (const byte of greeting(PLAIN)) socket.write(Buffer.from([byte]))
      socket.once('data', () => socket.resetAndDestroy())
    }),
  )
  await expectFailure(`127.0.0.1:${port}`, 'connection-reset', 'authenticate', 'connection-lost')
})

test('a reset and a polite goodbye instead of a greeting', async () => {
  const reset = await listen(createServer(socket => socket.resetAndDestroy()))
  const probe = await mysqlEngine(mysqlTarget(`mysql://app@127.0.0.1:${reset}/`, {})).probe()
  // The reset may overtake the end of the connection's own handshake.
  expect(probe).toMatchObject({ ok: false, failure: 'connection-reset' })
  const polite = await listen(createServer(socket => socket.end()))
  await expectFailure(`127.0.0.1:${polite}`, 'connection-reset', 'tls', 'connection-lost')
})

test('offers TLS and then never answers, hangs up, or speaks something else', async () => {
  const silent = await listen(greets(WITH_TLS))
  await expectFailure(`127.0.0.1:${silent}`, 'handshake-timeout', 'tls', 'no-answer')
  const gone = await listen(greets(WITH_TLS, socket => socket.resetAndDestroy()))
  await expectFailure(`127.0.0.1:${gone}`, 'connection-reset', 'tls', 'connection-lost')
  const other = await listen(greets(WITH_TLS, socket => socket.write('hello, who is there?')))
  await expectFailure(`127.0.0.1:${other}`, 'not-this-protocol', 'tls', 'not-this-engine')
})

test('offers no TLS where it is required', async () => {
  const port = await listen(greets(PLAIN))
  await expectFailure(`127.0.0.1:${port}`, 'tls-unsupported', 'tls', 'tls-failed', 'required')
})

test('hears the login and never answers, or hangs up', async () => {
  const silent = await listen(greets(PLAIN))
  await expectFailure(`127.0.0.1:${silent}`, 'handshake-timeout', 'authenticate', 'no-answer')
  const gone = await listen(greets(PLAIN, socket => socket.end()))
  await expectFailure(`127.0.0.1:${gone}`, 'connection-reset', 'authenticate', 'connection-lost')
})

test('refuses instead of a greeting', async () => {
  const refusal = (number: number, text: string) => {
    const body = Buffer.concat([Buffer.from([0xff, number & 0xff, number >> 8]), Buffer.from(text)])
    return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body])
  }
  const full = await listen(createServer(socket => socket.end(refusal(1040, 'Too many connections'))))
  await expectFailure(`127.0.0.1:${full}`, 'slots-exhausted', 'authenticate', 'no-free-slot')
  const stranger = await listen(createServer(socket => socket.end(refusal(1130, "Host 'x' is not allowed"))))
  await expectFailure(`127.0.0.1:${stranger}`, 'not-permitted', 'authenticate', 'denied')
})

test('an abort ends an attempt at once', async () => {
  const port = await listen(createServer())
  const abort = new AbortController()
  const attempt = mysqlEngine(mysqlTarget(`mysql://app@127.0.0.1:${port}/`, {})).connect(abort.signal)
  setTimeout(() => abort.abort(new Error('enough')), 20)
  await expect(attempt).rejects.toThrow('enough')
})
