// The server log as a witness of other clients: given whole, or followed as it grows.
export { followLog } from './follow.ts'
export { readLog } from './read.ts'
export { readLogStream } from './stream.ts'
