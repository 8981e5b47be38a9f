// The network of the lab, broken in each of its ways before a listener that answers.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openRelay, type Relay } from '../../src/lab/relay.ts'

const echo = createServer(socket => {
  socket.on('error', () => undefined).pipe(socket)
})
let relay: Relay

beforeAll(async () => {
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  relay = await openRelay((echo.address() as AddressInfo).port)
})
afterEach(() => relay.mend())
afterAll(async () => {
  await relay.close()
  echo.close()
})

const open = async () => {
  const socket = connect(relay.port, '127.0.0.1').on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const answer = async (): Promise<string> => {
  const socket = await open()
  socket.write('hello')
  const [said] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return said.toString()
}

test('well: what is said is heard', async () => {
  expect(await answer()).toBe('hello')
})

test('late: not before its time', async () => {
  relay.fail({ how: 'delay', ms: 150 })
  const startedAt = performance.now()
  expect(await answer()).toBe('hello')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149)
})

test('lossy: everything arrives, in order, though some of it late', async () => {
  const socket = await open()
  const heard: Buffer[] = []
  socket.on('data', chunk => heard.push(chunk))
  relay.fail({ how: 'lose', ms: 5, share: 0.5 })
  const said = Array.from({ length: 60 }, (_, i) => `${i} `)
  for (const word of said) {
    socket.write(word)
    await new Promise(setImmediate)
  }
  await expect.poll(() => Buffer.concat(heard).toString(), { timeout: 10_000 }).toBe(said.join(''))
  socket.destroy()
})

test('late: the last words of who hangs up are heard', async () => {
  const brief = createServer(socket => void socket.on('error', () => undefined).end('no')).listen(
    0,
    '127.0.0.1',
  )
  await once(brief, 'listening')
  const own = await openRelay((brief.address() as AddressInfo).port)
  own.fail({ how: 'delay', ms: 50 })
  const socket = connect(own.port, '127.0.0.1')
  const [said] = (await once(socket, 'data')) as [Buffer]
  expect(said.toString()).toBe('no')
  await once(socket, 'close')
  await own.close()
  brief.close()
})

test('silent: a connection that was open stays open and hears nothing, also afterwards', async () => {
  const socket = await open()
  let heard = 0
  socket.on('data', chunk => {
    heard += chunk.length
  })
  relay.fail({ how: 'silence', ms: 0 })
  socket.write('hello')
  const late = connect(relay.port, '127.0.0.1')
  await once(late, 'connect')
  expect([heard, socket.readyState]).toEqual([0, 'open'])
  relay.mend()
  expect(await answer()).toBe('hello')
  expect(heard).toBe(0)
  for (const each of [socket, late]) each.destroy()
})

test('refused: who is in is thrown out, nobody gets in, until it is mended', async () => {
  const socket = await open()
  const closed = once(socket, 'close')
  relay.fail({ how: 'refuse', ms: 0 })
  await closed
  const refused = connect(relay.port, '127.0.0.1')
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
  relay.mend()
  expect(await answer()).toBe('hello')
})
