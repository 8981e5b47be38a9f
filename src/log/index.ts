// The door: a server's log as a witness of other clients, given whole, followed as it grows, or piece by piece.
export { applicationReader } from './application.ts'
export type { Content, LogRecord } from './content.ts'
export { follow } from './follow.ts'
export { type Line, Lines } from './lines.ts'
export { read } from './read.ts'
export { firstOf, type LogReader, type MakeReader } from './reader.ts'
export { readStream } from './stream.ts'
