// What an entry of a log says of clients: a failed connection, an opened one, or what happened to the server.
import type { FailureCount } from '../model/index.ts'

export type LogRecord = { t: number } & (
  | { kind: 'failure'; failure: Omit<FailureCount, 't' | 'count'>; vague: boolean }
  | { kind: 'received' }
  | { kind: 'authorized' }
  | { kind: 'event'; source: string; event: string; message: string }
)

/** A record but for its time. */
export type Content = LogRecord extends infer R ? (R extends { t: number } ? Omit<R, 't'> : never) : never
