// The network between clients and server, on the loopback: a relay that can be late, silent, or gone.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { HOST } from './loopback.ts'

export interface Relay {
  port: number
  /** `delay`: every packet of the server is late by `ms`; `silence`: nothing gets through; `refuse`: nobody listens. */
  fail(how: { how: 'delay' | 'silence' | 'refuse'; ms: number }): void
  mend(): void
  close(): Promise<void>
}

export const openRelay = async (serverPort: number): Promise<Relay> => {
  let failing: { how: 'delay' | 'silence' | 'refuse'; ms: number } | undefined
  const open = new Set<Socket>()
  const track = (socket: Socket) => {
    open.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => undefined).on('close', () => open.delete(socket))
  }
  const forward = (from: Socket, to: Socket, late: boolean) => {
    from.on('data', chunk => {
      if (failing?.how === 'silence') return
      if (late && failing?.how === 'delay') setTimeout(() => to.writable && to.write(chunk), failing.ms)
      else to.write(chunk)
    })
    from.on('close', () => to.destroy())
  }
  const accept = (client: Socket) => {
    track(client)
    if (failing?.how === 'silence') return
    const onward = connect(serverPort, HOST)
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
