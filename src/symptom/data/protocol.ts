// Two that do not speak the same protocol: another service on the port, a proxy in between, TLS where none is spoken.
import { ENGINES } from '../../model/index.ts'
import type { PossibleCause, Symptom } from '../symptom.ts'

const OTHER_PROTOCOL: readonly PossibleCause[] = [
  { text: 'the port is of another service' },
  { text: 'a proxy or load balancer in between speaks HTTP' },
  { text: 'TLS from the first byte on one side only' },
]

export const PROTOCOL: readonly Symptom[] = [
  {
    id: 'protocol.libpq',
    engines: ['postgres'],
    emittedBy: 'libpq',
    layer: 'handshake',
    codes: [],
    messages: [
      'received invalid response to SSL negotiation: <letter>',
      'expected authentication request from server, but received <letter>',
    ],
    text: /received invalid response to SSL negotiation|expected authentication request from (?:the )?server, but received/i,
    fine: ['name resolution', 'TCP'],
    failed: 'the answer is none of PostgreSQL',
    causes: OTHER_PROTOCOL,
    note: 'The letter is the first of what the peer said: H for HTTP, S for SSH.',
    source: 'live: libpq 15.18 before an HTTP and an SSH server, 2026-11-23',
  },
  {
    id: 'protocol.tls',
    engines: ENGINES,
    emittedBy: 'Node.js (TLS)',
    layer: 'tls',
    codes: ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'],
    messages: ['SSL routines:ssl3_get_record:wrong version number', 'packet length too long'],
    text: /\bwrong version number\b|packet length too long/i,
    fine: ['name resolution', 'TCP'],
    failed: 'what came is no TLS',
    causes: OTHER_PROTOCOL,
    source: 'live: Node.js 20.20 before a peer that goes on in plain text, 2026-11-23',
  },
  {
    id: 'protocol.pg.server',
    engines: ['postgres'],
    emittedBy: 'the server log',
    layer: 'handshake',
    codes: ['08P01', '0A000'],
    messages: [
      'invalid length of startup packet',
      'unsupported frontend protocol <number>.<number>: server supports 3.0 to 3.0',
    ],
    text: /invalid length of startup packet|unsupported frontend protocol/i,
    fine: ['name resolution', 'TCP'],
    failed: 'the client does not speak the protocol',
    causes: [
      { text: 'a health check or a scanner that speaks HTTP or TLS' },
      { text: 'a client of another database' },
    ],
    source: 'live: PG 15.18 and 18.4, 2026-11-23',
  },
]
