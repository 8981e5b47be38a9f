// What an entry of the error log says of clients: a failed or ended connection, or what happened to the server.
import type { Content } from '../../../log/index.ts'
import { refusalOf } from './refusal.ts'

export const contentOf = (message: string): Content | undefined => {
  const event = EVENTS.find(([pattern]) => pattern.test(message))
  if (event)
    return {
      kind: 'event',
      source: 'log',
      event: event[1],
      message: withoutPaths(message).slice(0, MAX_MESSAGE),
    }
  const refusal = refusalOf(message)
  return refusal && { kind: 'failure', failure: { source: 'log', ...refusal }, vague: false }
}

const MAX_MESSAGE = 200

const withoutPaths = (message: string): string =>
  message.replace(/(?:\/[\w.+-]+)+\/([\w.+-]+)/g, '$1').replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')

const EVENTS: [RegExp, string][] = [
  [/: ready for connections\./, 'server-ready'],
  [/^Received SHUTDOWN|: Normal shutdown$/, 'server-stopping'],
  [/: Shutdown complete/, 'server-stopped'],
  [/Starting crash recovery|Database was not shutdown normally/, 'server-restarting'],
  [/No space left on device|^Disk is full/, 'storage-full'],
]
