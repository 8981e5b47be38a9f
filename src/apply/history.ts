// What the journal of a run says is done: the one thing that decides where a run goes on after a crash.
import {
  AppError,
  type AppliedOutcome,
  type JournalEntry,
  type Look,
  type Operation,
} from '../model/index.ts'

/** Of one operation, or of taking it back. */
type Stage = 'intended' | 'sent' | 'settled'
export type Direction = 'do' | 'undo'

export interface Beginning {
  /** Of the plan. */
  hash: string
  /** Name of the database, and the instance to ask AWS for. */
  target: string
  instance?: string
  /** Who, on which machine. */
  who: string
  /** Which part of the plan, for people. */
  title: string
  operations: Operation[]
  /** What the plan promised; without it only harm is looked for. */
  promised?: unknown
}

export interface Progress {
  stage: Stage
  /** What was there before. */
  look: Look
  /** It was so already: nothing was sent, and nothing is taken back. */
  already: boolean
}

export interface History {
  beginning: Beginning
  done: Map<number, Progress>
  undone: Map<number, Progress>
  /** Somebody decided to take it back. */
  takingBack?: string
  ended?: AppliedOutcome
}

interface StepDetail {
  operation: number
  direction: Direction
  look?: Look
  already?: boolean
}

/** Throws AppError `run-unknown` for a journal that does not begin. */
export function historyOf(entries: readonly JournalEntry[]): History {
  const first = entries.find(({ event }) => event === 'begin')
  if (!first)
    throw new AppError(
      'run-unknown',
      'this journal has no beginning',
      'spillway apply --list names the runs.',
    )
  const history: History = { beginning: first.detail as Beginning, done: new Map(), undone: new Map() }
  for (const { event, detail } of entries) {
    if (event === 'take-back') history.takingBack = (detail as { because: string }).because
    if (event === 'end') history.ended = (detail as { outcome: AppliedOutcome }).outcome
    const stage = STAGES[event]
    if (stage) record(history, stage, detail as StepDetail)
  }
  return history
}

const STAGES: Partial<Record<JournalEntry['event'], Stage>> = {
  intend: 'intended',
  acted: 'sent',
  settled: 'settled',
}

function record(history: History, stage: Stage, { operation, direction, look, already = false }: StepDetail) {
  const of = direction === 'do' ? history.done : history.undone
  const known = of.get(operation)
  // What was there before is what stood there first: a second try finds its own traces.
  const before = known?.look ?? look
  if (before) of.set(operation, { stage, look: before, already: already || (known?.already ?? false) })
}
