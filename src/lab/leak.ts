// Connections that are opened, used once and forgotten.
import { startArrivals } from './arrivals.ts'
import type { Client, LabEngine, Login } from './engine.ts'
import type { Random } from './random.ts'

export interface Leak {
  /** No further connections are opened; those that are lost stay lost. */
  stop(): void
  /** The application starts anew with a pool of that size: it can forget no more than that. */
  bound(size: number): Promise<void>
  /** What a restart of the application would do. */
  close(): Promise<void>
}

const LEAKED_MAX = 200

export const startLeak = (
  engine: LabEngine,
  login: Login,
  step: { perS: number; sql: string },
  random: Random,
  onFailure: (error: unknown) => void,
): Leak => {
  const forgotten = new Set<Client>()
  let opening = 0
  let most = LEAKED_MAX
  const open = async () => {
    if (forgotten.size + opening >= most) return
    opening++
    try {
      const client = await engine.connect(login)
      forgotten.add(client)
      client.onLost(() => forgotten.delete(client))
      await client.query(step.sql)
    } catch (error) {
      onFailure(error)
    } finally {
      opening--
    }
  }
  const closeAll = async () => {
    const all = [...forgotten]
    forgotten.clear()
    await Promise.all(all.map(client => client.end()))
  }
  const stop = startArrivals(
    () => step.perS,
    random,
    () => void open(),
  )
  return {
    stop,
    bound: async size => {
      most = size
      await closeAll()
    },
    close: async () => {
      stop()
      await closeAll()
    },
  }
}
