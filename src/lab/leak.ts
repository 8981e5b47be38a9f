// Connections that are opened, used once and forgotten.
import { Client, type ClientConfig } from 'pg'
import { startArrivals } from './arrivals.ts'
import type { Random } from './random.ts'

export interface Leak {
  /** No further connections are opened; those that are lost stay lost. */
  stop(): void
  /** What a restart of the application would do. */
  close(): Promise<void>
}

const LEAKED_MAX = 200

export const startLeak = (
  config: ClientConfig,
  step: { perS: number; sql: string },
  random: Random,
  onFailure: (error: unknown) => void,
): Leak => {
  const forgotten = new Set<Client>()
  const open = async () => {
    if (forgotten.size >= LEAKED_MAX) return
    const client = new Client(config)
    client.on('error', () => forgotten.delete(client))
    forgotten.add(client)
    try {
      await client.connect()
      await client.query(step.sql)
    } catch (error) {
      forgotten.delete(client)
      onFailure(error)
    }
  }
  const perS = () => step.perS
  const stop = startArrivals(perS, random, () => void open())
  return {
    stop,
    close: async () => {
      stop()
      await Promise.allSettled([...forgotten].map(client => client.end()))
    },
  }
}
