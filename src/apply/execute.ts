// Does the operations of a plan one after the other, measures whether they helped, and takes them back when they did not.
import {
  APPLIED_SCHEMA,
  AppError,
  type Applied,
  type Effect,
  type JournalEntry,
  type Operation,
  type Setting,
} from '../model/index.ts'
import { type Health, measure } from './health.ts'
import { type Beginning, type History, historyOf, type Progress } from './history.ts'
import { isState, type TurnParts, told, turn } from './turn.ts'
import { type WayBack, waysBack } from './undo.ts'

export interface ExecuteParts extends TurnParts {
  /** Watches the database meanwhile; absent where nobody can. */
  health?: Health
  /** What the engine itself says; absent where nobody can ask it. */
  setting?(name: string): Promise<Setting>
}

/** Errors after which the instance can still be spoken to, and nothing of this operation is under way. */
const TAKEN_BACK_AFTER: readonly AppError['code'][] = [
  'step-refused',
  'plan-stale',
  'aws-refused',
  'setting-unknown',
  'privilege-missing',
]

/**
 * Begins, or goes on where the entries of the journal end. An operation that is refused takes the run back; what leaves the
 * state unknown (no answer, no credentials, a deadline, an interrupt) is thrown, and the run can be gone on with.
 */
export async function execute(
  beginning: Beginning,
  entries: readonly JournalEntry[],
  parts: ExecuteParts,
): Promise<Applied> {
  const log = journalOf(parts)
  await log(
    entries.length === 0 ? 'begin' : 'resume',
    entries.length === 0 ? beginning : { who: beginning.who },
  )
  const history: History =
    entries.length === 0 ? { beginning, done: new Map(), undone: new Map() } : historyOf(entries)
  if (history.takingBack !== undefined) return takeBack(history, history.takingBack, parts)
  const startedAt = parts.clock.now()
  try {
    await doAll(history, parts)
  } catch (error) {
    if (!(error instanceof AppError && TAKEN_BACK_AFTER.includes(error.code))) throw error
    parts.say(error.message)
    parts.say(error.hint)
    if (waysBack(history).length > 0) return takeBack(history, error.message, parts)
    await log('end', { outcome: 'rolled-back', because: error.message })
    throw error
  }
  const { operations, promised } = history.beginning
  if ([...history.done.values()].every(({ already }) => already))
    return end(history, 'in-place', parts, 'it was so already')
  const other = await engineDiffers(operations, parts)
  if (other !== undefined) return takeBack(history, other, parts)
  const waits = operations.find(one => one.waits !== undefined)?.waits
  if (!parts.health) return end(history, 'in-place', parts, waitsFor(waits) ?? 'nobody watched the database')
  if (operations.every(one => one.waits !== undefined))
    return end(history, 'in-place', parts, waitsFor(waits))
  // What is promised comes with what it waits for; until then nothing may be worse.
  const { verdict, because, comparison } = await measure(
    waits === undefined ? (promised as Effect | undefined) : undefined,
    startedAt,
    parts.health,
    parts,
  )
  await log(verdict === 'good' ? 'verified' : 'not-verified', { because, comparison })
  parts.say(because)
  if (verdict !== 'good') return takeBack(history, because, parts)
  return end(history, waits === undefined ? 'verified' : 'in-place', parts, waitsFor(waits))
}

const waitsFor = (waits: string | undefined): string | undefined =>
  waits === undefined ? undefined : `it waits for ${waits}`

/** Takes back what the journal says was done. Throws AppError; it can be gone on with. */
export async function rollback(
  entries: readonly JournalEntry[],
  because: string,
  parts: TurnParts,
): Promise<Applied> {
  const history = historyOf(entries)
  if (history.ended === 'rolled-back' || history.ended === 'rollback-incomplete')
    throw new AppError(
      'run-unknown',
      `run ${parts.run} is taken back already`,
      'spillway apply --list names the runs.',
    )
  return takeBack(history, because, parts)
}

/** The API says that a parameter is in sync; the engine has the last word. Formulas it works out by itself. */
async function engineDiffers(
  operations: readonly Operation[],
  parts: ExecuteParts,
): Promise<string | undefined> {
  const { setting, clock, signal } = parts
  if (!setting) return undefined
  const wanted = operations.flatMap(({ call, after }) =>
    call.kind === 'set-parameters' ? Object.entries(after) : [],
  )
  for (const [name, value] of wanted) {
    if (value === null || /[{(]/.test(value)) continue
    const deadline = clock.now() + ENGINE_MS
    for (;;) {
      const { value: is, isSame } = await setting(name)
      if (is === null || isSame(is, value)) break
      if (clock.now() >= deadline) return `the engine has ${name} = ${is}, and not ${value}`
      await clock.sleep(1_000, signal)
      signal?.throwIfAborted()
    }
  }
  return undefined
}

/** A dynamic parameter takes a while to reach the engine, milliseconds. */
const ENGINE_MS = 300_000

async function doAll(history: History, parts: TurnParts): Promise<void> {
  for (const [number, operation] of history.beginning.operations.entries()) {
    const past = history.done.get(number)
    if (past?.stage !== 'settled')
      parts.say(`${number + 1}/${history.beginning.operations.length} ${operation.title}`)
    // Known before it is done: if it fails, it may have been half done.
    const watched = { ...parts, journal: { append: (entry: JournalEntry) => noting(history, entry, parts) } }
    history.done.set(number, await turn(operation, { number, direction: 'do', past }, watched))
  }
}

/** The history grows with the journal, so that a failure finds in it what was begun. */
async function noting(history: History, entry: JournalEntry, { journal }: TurnParts): Promise<void> {
  await journal.append(entry)
  const { beginning } = history
  const begin = { ...entry, event: 'begin' as const, detail: beginning }
  for (const [number, progress] of historyOf([begin, entry]).done) {
    const known: Progress | undefined = history.done.get(number)
    history.done.set(number, { ...progress, look: known?.look ?? progress.look })
  }
}

async function takeBack(history: History, because: string, parts: TurnParts): Promise<Applied> {
  const log = journalOf(parts)
  if (history.takingBack === undefined) await log('take-back', { because })
  history.takingBack = because
  const left: string[] = []
  for (const [index, way] of waysBack(history).entries()) {
    const { operation, title, left: why, harmless, unseen } = way
    if (await wasNotDone(way, history, parts)) {
      history.done.delete(way.number)
      continue
    }
    if (operation === undefined) {
      parts.say(`${title}: ${why}`)
      if (!harmless) left.push(title)
      continue
    }
    parts.say(operation.title)
    try {
      const past = history.undone.get(index)
      history.undone.set(
        index,
        await turn(operation, { number: index, direction: 'undo', past, unseen }, parts),
      )
    } catch (error) {
      if (!(error instanceof AppError && TAKEN_BACK_AFTER.includes(error.code))) throw error
      parts.say(error.message)
      left.push(title)
    }
  }
  return end(history, left.length > 0 ? 'rollback-incomplete' : 'rolled-back', parts, because, left)
}

/** What was announced and refused, or never sent, leaves nothing behind. */
async function wasNotDone(
  { number, title, asWas, asMade }: WayBack,
  { beginning }: History,
  { actorOf, signal, say }: TurnParts,
): Promise<boolean> {
  const operation = beginning.operations[number]
  if (asWas === undefined || !operation) return false
  const { now } = await actorOf(operation).look(operation, signal)
  if (isState(now, asWas)) return true
  if (asMade === undefined || isState(now, asMade)) return false
  say(`${title}: it is ${told(now)}, which somebody else made: it is left`)
  return true
}

async function end(
  history: History,
  outcome: Applied['outcome'],
  parts: TurnParts,
  because?: string,
  failed: readonly string[] = [],
): Promise<Applied> {
  const isBack = outcome === 'rolled-back' || outcome === 'rollback-incomplete'
  const reasons = new Map(waysBack(history).map(({ number, left }) => [number, left]))
  const applied: Applied = {
    schema: APPLIED_SCHEMA,
    run: parts.run,
    outcome,
    ...(because === undefined ? {} : { because }),
    operations: history.beginning.operations.map(({ title }, number) => {
      const progress = history.done.get(number)
      if (!progress) return { title, state: 'not-done' }
      if (progress.already) return { title, state: isBack ? 'left' : 'done', reason: 'it was so already' }
      if (!isBack) return { title, state: 'done' }
      const reason = reasons.get(number)
      if (reason !== undefined) return { title, state: 'left', reason }
      return failed.includes(title)
        ? { title, state: 'left', reason: 'it could not be taken back' }
        : { title, state: 'taken-back' }
    }),
  }
  await journalOf(parts)('end', applied)
  return applied
}

const journalOf =
  ({ journal, clock, run }: TurnParts) =>
  (event: JournalEntry['event'], detail: unknown): Promise<void> =>
    journal.append({ t: clock.now(), run, event, detail })
