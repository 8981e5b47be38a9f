// Symptom → the common word for how a connection fails.
import type { Failure } from '../model/index.ts'
import type { Layer, Symptom } from './symptom.ts'

/** Some symptoms leave it to a word of the text. What says nothing about the server is `unclassified`. */
export function failureOf({ id, layer }: Pick<Symptom, 'id' | 'layer'>, text: string): Failure {
  const own = OF_SYMPTOM[id]
  return (typeof own === 'function' ? own(text) : own) ?? OF_LAYER[layer]
}

const OF_LAYER: Record<Layer, Failure> = {
  dns: 'name-not-resolved',
  tcp: 'connect-timeout',
  'tcp-or-handshake': 'connect-timeout',
  'tcp-after-connect': 'connection-reset',
  handshake: 'handshake-timeout',
  tls: 'tls-certificate',
  'tls-policy': 'tls-required',
  auth: 'authentication-failed',
  'host-blocked': 'host-blocked',
  slots: 'slots-exhausted',
  'limit-role': 'role-limit',
  'limit-db': 'database-limit',
  'limit-user': 'role-limit',
  memory: 'out-of-memory',
  storage: 'query-failed',
  'server-state': 'server-starting',
  'session-ended': 'session-ended',
  statement: 'query-failed',
  'proxy-pool': 'slots-exhausted',
  'proxy-limit': 'slots-exhausted',
  'proxy-target': 'unclassified',
  proxy: 'unclassified',
  'pooler-limit': 'slots-exhausted',
  'pooler-pool': 'slots-exhausted',
  'pooler-server': 'handshake-timeout',
  'pooler-config': 'not-permitted',
  'app-pool': 'client-pool-timeout',
  'local-socket': 'connection-refused',
}

/** The reason that a client library puts behind its own words, as text or as errno. */
const byReason = (text: string): Failure => {
  if (/refused|\(111\)|\(61\)|\(10061\)/i.test(text)) return 'connection-refused'
  return /no route|unreachable|\(113\)|\(101\)/i.test(text) ? 'unreachable' : 'connect-timeout'
}

const stopping = (text: string): Failure =>
  /shutting down|shutdown/i.test(text) ? 'server-stopping' : 'server-starting'

/** What differs from its layer. */
const OF_SYMPTOM: Record<string, Failure | ((text: string) => Failure)> = {
  'tcp.refused': 'connection-refused',
  'tcp.ehostunreach': 'unreachable',
  'tcp.libpq': byReason,
  'tcp.mysql2003': byReason,
  'orm.prisma.P1001': 'unclassified',
  'lost.my.2013.initial': text =>
    /system error: "?(?:104|54|0)\b/.test(text) ? 'connection-reset' : 'handshake-timeout',
  'protocol.libpq': 'not-this-protocol',
  'protocol.tls': 'not-this-protocol',
  'protocol.pg.server': 'not-this-protocol',
  'tls.pg.nosupport': 'tls-unsupported',
  'tls.mysql2.nosupport': 'tls-unsupported',
  'tls.mysql2026': text => (/certificate/i.test(text) ? 'tls-certificate' : 'tls-unsupported'),
  'orm.prisma.P1011': text => (/certificate/i.test(text) ? 'tls-certificate' : 'tls-unsupported'),
  'auth.pg.nohba.enc': 'not-permitted',
  'auth.pg.hbareject': 'not-permitted',
  'auth.pg.norole': 'not-permitted',
  'auth.pg.notaccepting': 'not-permitted',
  'auth.pg.nodb': 'database-unknown',
  'auth.pg.timeout': 'handshake-timeout',
  'auth.my.1044': 'not-permitted',
  'auth.my.1049': 'database-unknown',
  'auth.my.1130': 'not-permitted',
  'auth.my.3118': 'not-permitted',
  'orm.prisma.P1003': 'database-unknown',
  'orm.prisma.P1008': 'unclassified',
  'slots.pg.reserved.le15': 'reserved-slots-only',
  'slots.pg.reserved.rds': 'reserved-slots-only',
  'slots.pg.reserved.ge16.pg_use': 'reserved-slots-only',
  'slots.pg.reserved.ge16.super': 'reserved-slots-only',
  'pgb.forwarded': text => (/slots are reserved/i.test(text) ? 'reserved-slots-only' : 'slots-exhausted'),
  // SQLSTATE 08004 comes after the login packet: the extra slot of the administrator was still free.
  'slots.my.1040': text => (/08004/.test(text) ? 'reserved-slots-only' : 'slots-exhausted'),
  'auth.pg.conn_refused_during_startup': stopping,
  'lost.my.1053': 'server-stopping',
  'stmt.pg.57014': 'query-timeout',
  'stmt.my.3024': 'query-timeout',
  'stmt.maria.1969': 'query-timeout',
  'proxy.iamrate.pg': 'authentication-failed',
  'proxy.iamrate.mysql': 'authentication-failed',
  'pgb.loginretry': 'unclassified',
  'pgb.nodb': 'database-unknown',
}
