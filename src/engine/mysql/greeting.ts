// The first packet of the protocol, read before the driver reads it, and the packet that asks for TLS.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
import type { Socket } from 'node:net'
import { firstBytes, PeerError, said } from '../../dial/index.ts'

export interface Greeting {
  /** The packet as it came, and whatever came with it. */
  bytes: Buffer
  offersTls: boolean
  /** The server sent an error instead: all slots taken, host blocked, host not allowed. */
  refused: boolean
}

/** Three bytes of length, one of sequence. */
const HEADER = 4
/** No greeting is this long: what looks like a length is text of another protocol. */
const MAX_GREETING = 2_000
const PROTOCOL_10 = 10
const ERROR_PACKET = 0xff

const SSL = 0x0800
const MULTI_FACTOR = 0x1000_0000

/** Resolves with the whole first packet and pauses the stream; rejects when the peer closes or speaks otherwise. */
export const readGreeting = (socket: Socket): Promise<Greeting> =>
  firstBytes(socket, bytes => {
    if (bytes.length <= HEADER) return undefined
    const length = bytes.readUIntLE(0, 3)
    const kind = bytes[HEADER] as number
    const isPlausible = bytes[3] === 0 && length > 1 && length <= MAX_GREETING
    if (!isPlausible || (kind !== PROTOCOL_10 && kind !== ERROR_PACKET)) {
      throw new PeerError('not-this-protocol', `the peer answered ${JSON.stringify(said(bytes))}`)
    }
    if (bytes.length < HEADER + length) return undefined
    return { bytes, refused: kind === ERROR_PACKET, offersTls: (lowerFlags(bytes) & SSL) !== 0 }
  })

/** Behind the version's zero: thread id 4, scramble 8, filler 1. */
const flagsAt = (bytes: Buffer): number => bytes.indexOf(0, HEADER + 1) + 1 + 4 + 8 + 1

const lowerFlags = (bytes: Buffer): number => {
  const at = flagsAt(bytes)
  return bytes.length >= at + 2 ? bytes.readUInt16LE(at) : 0
}

/**
 * The greeting as the driver is to see it after TLS: its answer gets the number that follows the request for TLS, and
 * it must not add capabilities to those the request has announced already, for the server reads only these.
 */
export const greetingAfterTls = ({ bytes }: Greeting): Buffer => {
  const seen = Buffer.from(bytes)
  const at = flagsAt(seen)
  seen[3] = 1
  // Lower flags 2, character set 1, status 2, upper flags 2, length of the scramble 1, reserved 6, MariaDB's flags 4.
  if (seen.length >= at + 7) seen.writeUInt16LE(seen.readUInt16LE(at + 5) & ~(MULTI_FACTOR >>> 16), at + 5)
  const isMariaDb = (seen.readUInt16LE(at) & 1) === 0
  if (isMariaDb && seen.length >= at + 18) seen.writeUInt32LE(0, at + 14)
  return seen
}

/** SSLRequest: flags, no limit of the packet size, character set, filler. */
export const sslRequest = (flags: number, charset: number): Buffer => {
  const packet = Buffer.alloc(HEADER + 32)
  packet.writeUIntLE(32, 0, 3)
  packet[3] = 1
  packet.writeUInt32LE((flags | SSL) >>> 0, HEADER)
  packet[HEADER + 8] = charset
  return packet
}
