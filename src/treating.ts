// A part of the composition root: steps of a plan, applied to a server of the lab as `spillway apply` would, and taken back.
import { alone, type Beginning, execute, rollback, sqlActor, sqlOperations } from './apply/index.ts'
import { engineAt } from './engines.ts'
import type { Applied, Clock, Effect, Evidence, JournalEntry, Step } from './model/index.ts'

interface ToApply {
  url: string
  title: string
  steps: Step[]
  /** Absent: nothing may be worse. */
  promised?: Effect
  settleMs: number
  /** Of the watch that goes on beside it. */
  evidence(): Evidence
}

/** The journal lives as long as the server: nobody goes on with it later. */
export const treating =
  (clock: Clock) =>
  ({ url, title, steps, promised, settleMs, evidence }: ToApply) => {
    const entries: JournalEntry[] = []
    const journal = { append: async (entry: JournalEntry) => void entries.push(entry) }
    const common = { journal, clock, run: 'lab', say: () => undefined }
    return {
      async apply(): Promise<{ applied: Applied; actedAt: number }> {
        const engine = await engineAt(url, {}, {})
        const line = alone(engine)
        const connection = () => opened(line.connection, clock)
        try {
          const operations = await sqlOperations(steps, await connection())
          const beginning: Beginning = {
            ...{ hash: '', target: engine.target.name, who: 'lab', title, operations },
            ...(promised && { promised }),
          }
          const sql = sqlActor(connection)
          const applied = await execute(beginning, [], {
            ...common,
            actorOf: () => sql as never,
            health: { evidence, settleMs },
          })
          const actedAt = entries.findLast(
            ({ event, detail }) =>
              event === 'settled' && (detail as { direction: string }).direction === 'do',
          )?.t
          return { applied, actedAt: actedAt ?? clock.now() }
        } finally {
          await line.stop()
        }
      },
      async rollback(because: string): Promise<Applied> {
        const line = alone(await engineAt(url, {}, {}))
        const sql = sqlActor(() => opened(line.connection, clock))
        try {
          return await rollback(entries, because, { ...common, actorOf: () => sql as never })
        } finally {
          await line.stop()
        }
      },
    }
  }

const PAUSE_MS = 20
const OPENED_MS = 25_000

/** The slot that is kept for an administrator is taken for moments by everybody who is refused: then once more. */
const opened = async <T>(open: () => Promise<T>, clock: Clock): Promise<T> => {
  const deadline = clock.now() + OPENED_MS
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (clock.now() >= deadline) throw error
      await clock.sleep(PAUSE_MS)
    }
  }
}
