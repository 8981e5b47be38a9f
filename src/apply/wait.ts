// Waits until an operation has come about, tells how it goes on, and gives up at its deadline.
import { type Actor, AppError, type Clock, type Operation } from '../model/index.ts'

const MINUTE = 60_000
/** How long each may take, milliseconds: what AWS needs on a bad day. */
const DEADLINE: Record<Operation['call']['kind'], number> = {
  'end-session': 10_000,
  'cancel-statement': 10_000,
  set: 5_000,
  snapshot: 180 * MINUTE,
  'create-parameter-group': 5 * MINUTE,
  'set-parameters': 15 * MINUTE,
  'modify-instance': 120 * MINUTE,
  'modify-cluster': 30 * MINUTE,
  restart: 30 * MINUTE,
  ingress: MINUTE,
  'create-replica': 180 * MINUTE,
  'create-proxy': 30 * MINUTE,
  'proxy-pool': 5 * MINUTE,
  'proxy-target': 15 * MINUTE,
}
/** What goes on for long is told again. */
const TELL_MS = 5 * MINUTE
/** Between two looks: short at first, since most are quick. */
const FIRST_MS = 200
const LONGEST_MS = 15_000

/** Throws AppError `not-in-time`. */
export async function settled<O extends Operation>(
  operation: O,
  actor: Actor<O>,
  { clock, say, signal }: { clock: Clock; say(text: string): void; signal?: AbortSignal },
): Promise<void> {
  const startedAt = clock.now()
  const deadline = startedAt + DEADLINE[operation.call.kind]
  let told: string | undefined
  let toldAt = startedAt
  for (let pause = FIRST_MS; ; pause = Math.min(LONGEST_MS, pause * 2)) {
    const waits = await actor.waitsFor(operation, signal)
    if (waits === undefined) return
    const now = clock.now()
    if (waits !== told || now >= toldAt + TELL_MS) {
      const minutes = Math.floor((now - startedAt) / MINUTE)
      say(`${operation.title}: ${waits}${waits === told ? `, ${minutes} min by now` : ''}`)
      toldAt = now
    }
    told = waits
    // A server that made another value of it has answered: whoever looks next says so.
    if (clock.now() >= deadline && operation.by === 'sql') return
    if (clock.now() >= deadline)
      throw new AppError(
        'not-in-time',
        `${operation.title}: after ${Math.round((clock.now() - startedAt) / 1000)} s it still waits: ${waits}`,
        'Look at the instance; the same command goes on where this one stopped, spillway rollback takes back what was done.',
      )
    await clock.sleep(pause, signal)
    signal?.throwIfAborted()
  }
}
