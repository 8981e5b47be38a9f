// The network between clients and server, on the loopback: a relay that can be late, lose packets, be silent, or gone.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOST } from './loopback.ts'
import type { Random } from './random.ts'
import type { Trouble } from './scenario.ts'

export interface Relay {
  port: number
  fail(how: Trouble): void
  mend(): void
  close(): Promise<void>
}

/** Where a relay that is a gateway comes from; the loopback has more addresses than one. */
const GATEWAY = '127.0.0.3'
/** Attempts that are lost in a row before the network gives up on losing. */
const LOST_MAX = 5

export const openRelay = async (
  serverPort: number,
  { random = Math.random, gateway = false }: { random?: Random; gateway?: boolean } = {},
): Promise<Relay> => {
  let failing: Trouble | undefined
  const open = new Set<Socket>()
  const track = (socket: Socket) => {
    open.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined).on('close', () => open.delete(socket))
  }
  const lateness = (fromServer: boolean): number => {
    if (failing?.how === 'delay') return fromServer ? failing.ms : 0
    return failing?.how === 'lose' ? resending(failing, random) : 0
  }
  const forward = (from: Socket, to: Socket, fromServer: boolean) => {
    let [dueAt, underway, before] = [0, 0, Promise.resolve()]
    from.on('data', chunk => {
      if (failing?.how === 'silence') return
      const due = Math.max(dueAt, performance.now() + lateness(fromServer))
      dueAt = due
      const send = async () => {
        await sleep(Math.max(0, due - performance.now()))
        underway--
        if (to.writable) to.write(chunk)
      }
      if (underway === 0 && due <= performance.now()) return void to.write(chunk)
      // Nothing overtakes what was sent before it.
      underway++
      before = before.then(send)
    })
    // What was said before the end is still heard.
    from.on('close', () => void before.then(() => to.destroySoon()))
  }
  const accept = (client: Socket) => {
    track(client)
    if (failing?.how === 'silence') return
    const onward = connect({ port: serverPort, host: HOST, ...(gateway && { localAddress: GATEWAY }) })
    track(onward)
    forward(client, onward, false)
    forward(onward, client, true)
  }
  let server: Server = createServer(accept).listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const destroyAll = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    port,
    fail: how => {
      failing = how
      if (how.how !== 'refuse') return
      server.close()
      destroyAll()
    },
    mend: () => {
      const wasGone = failing?.how === 'refuse'
      failing = undefined
      if (wasGone) server = createServer(accept).listen(port, HOST)
    },
    close: async () => {
      server.close()
      destroyAll()
    },
  }
}

/** TCP sends again after its timeout, and waits twice as long each further time (RFC 6298, 5.5). */
const resending = ({ ms, share }: Extract<Trouble, { how: 'lose' }>, random: Random): number => {
  let late = 0
  for (let lost = 0; lost < LOST_MAX && random() < share; lost++) late += ms * 2 ** lost
  return late
}
