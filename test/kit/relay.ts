// A relay before a real server that fails in the middle: it hands on so many bytes of the server's, and then breaks.
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

type Break = 'reset' | 'goodbye' | 'silence'

export interface Relay {
  port: number
  /** Bytes the server has said on the latest connection. */
  said(): number
  /** Breaks every connection after that many bytes of the server's, counted from its beginning. */
  breakAfter(bytes: number, how: Break): void
  close(): Promise<void>
}

export const relayTo = async (serverPort: number): Promise<Relay> => {
  let [limit, how, said]: [number, Break, number] = [Number.POSITIVE_INFINITY, 'reset', 0]
  const open = new Set<Socket>()
  const relay = createServer(client => {
    const onward = connect(serverPort, '127.0.0.1')
    let heard = 0
    said = 0
    for (const socket of [client, onward]) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => open.delete(socket))
    }
    const fail = () => {
      onward.destroy()
      if (how === 'reset') client.resetAndDestroy()
      else if (how === 'goodbye') client.end()
    }
    onward.on('data', chunk => {
      const rest = limit - heard
      heard += chunk.length
      said = heard
      if (rest > 0) client.write(chunk.subarray(0, rest))
      if (heard >= limit) fail()
    })
    onward.on('close', () => heard < limit && client.end())
    client.on('data', chunk => onward.write(chunk)).on('close', () => onward.destroy())
    if (limit === 0) fail()
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return {
    port: (relay.address() as AddressInfo).port,
    said: () => said,
    breakAfter: (bytes, way) => {
      ;[limit, how] = [bytes, way]
    },
    close: async () => {
      for (const socket of open) socket.destroy()
      relay.close()
      await once(relay, 'close')
    },
  }
}

/** TCP connections that this process holds open, by the kernel's account: Node's own counts handles that are closing too. */
export const openSockets = (): number => {
  const table = readFileSync('/proc/self/net/tcp', 'utf8').trim().split('\n').slice(1)
  const connections = new Set(
    table
      .map(line => line.trim().split(/\s+/))
      .filter(([, , , state]) => state !== LISTENING)
      .map(fields => `socket:[${fields[9]}]`),
  )
  return readdirSync('/proc/self/fd').filter(fd => connections.has(linkOf(`/proc/self/fd/${fd}`))).length
}

const LISTENING = '0A'

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return '' // closed meanwhile
  }
}

/** So many places, spread evenly. */
export const places = (total: number, count: number): number[] => [
  ...new Set(Array.from({ length: count }, (_, i) => Math.floor((i * total) / count))),
]
