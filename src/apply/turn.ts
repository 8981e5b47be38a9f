// One operation: look, write down, send, write down, wait, look again, write down. Goes on where a crash left it.
import {
  type Actor,
  AppError,
  type Clock,
  type Journal,
  type JournalEntry,
  type Operation,
  type State,
} from '../model/index.ts'
import type { Direction, Progress } from './history.ts'
import { settled } from './wait.ts'

type ActorOf = <O extends Operation>(operation: O) => Actor<O>

export interface TurnParts {
  actorOf: ActorOf
  journal: Journal
  clock: Clock
  run: string
  /** Progress, for people. */
  say(text: string): void
  signal?: AbortSignal
}

interface Which {
  number: number
  direction: Direction
  past?: Progress | undefined
  /** It is sent although all looks done: what is to go may not be shown yet. */
  unseen?: boolean | undefined
}

/** Throws AppError; `plan-stale` when it is neither as it was planned nor as it will be. */
export async function turn(
  operation: Operation,
  { number, direction, past, unseen = false }: Which,
  parts: TurnParts,
): Promise<Progress> {
  if (past?.stage === 'settled') return past
  const { actorOf, signal } = parts
  const actor = actorOf(operation)
  const detail = { operation: number, direction, title: operation.title }
  const write = (event: JournalEntry['event'], more: object = {}) =>
    parts.journal.append({ t: parts.clock.now(), run: parts.run, event, detail: { ...detail, ...more } })

  const look = await actor.look(operation, signal)
  const first = past?.look ?? look
  const isThere = isState(look.now, operation.after)
  const blind = past === undefined && isThere && unseen
  if (past === undefined && isThere && !blind) {
    await write('settled', { look, already: true })
    return { stage: 'settled', look, already: true }
  }
  if (blind || (past?.stage !== 'sent' && !isThere)) {
    if (!blind && !isState(look.now, operation.before)) throw changed(operation, look.now)
    signal?.throwIfAborted()
    await write('intend', { look, before: look.now, after: operation.after })
    await sendOnce(operation, actor, parts, write)
  }
  // A crash between sending and writing that down: it was sent.
  await write('acted', { look: first })
  await settled(operation, actor, parts)
  const { now } = await actor.look(operation, signal)
  if (!isState(now, operation.after)) {
    await write('failed', { message: `it is ${told(now)}` })
    throw new AppError(
      'step-refused',
      `${operation.title}: it is ${told(now)} instead`,
      'What was done is taken back.',
    )
  }
  await write('settled', { look: first, after: now })
  const news = direction === 'do' ? await actor.tells?.(operation, signal).catch(() => undefined) : undefined
  if (news !== undefined) parts.say(news)
  return { stage: 'settled', look: first, already: false }
}

/** An error does not say that nothing happened: what is there now does. */
async function sendOnce<O extends Operation>(
  operation: O,
  actor: Actor<O>,
  { signal }: TurnParts,
  write: (event: JournalEntry['event'], more?: object) => Promise<void>,
): Promise<void> {
  try {
    await actor.send(operation, signal)
  } catch (error) {
    signal?.throwIfAborted()
    const found = await actor.look(operation, signal).catch(() => undefined)
    if (found && isState(found.now, operation.after)) return
    await write('failed', { message: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

/** Only what is named in `wanted` counts. */
export const isState = (now: State, wanted: State): boolean =>
  Object.entries(wanted).every(([name, value]) => (now[name] ?? null) === value)

const changed = (operation: Operation, now: State): AppError =>
  new AppError(
    'plan-stale',
    `${operation.title}: it is ${told(now)}, and the plan expects ${told(operation.before)}`,
    'Somebody changed it since: make the plan anew.',
  )

export const told = (state: State): string =>
  Object.entries(state)
    .map(([name, value]) => `${name} ${value ?? 'not set'}`)
    .join(', ')
