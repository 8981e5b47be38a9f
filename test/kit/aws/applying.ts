// Plans by hand against the fake, done and taken back with a clock of its own; the journal may refuse to go on, as a crash does.
import { type Beginning, execute, rollback } from '../../../src/apply/index.ts'
import { openModify } from '../../../src/aws/index.ts'
import type { Applied, Evidence, JournalEntry, Operation, Step } from '../../../src/model/index.ts'
import { T0 } from '../evidence.ts'
import { handClock } from '../scripted.ts'

export const NOW = Date.now()

export class Crash extends Error {}

const open = (id: string) => openModify(`rds:${id}@eu-west-1`, {}, {})

export async function manual(id: string, settings: Record<string, string>) {
  const modify = open(id)
  try {
    const { plan, operations } = await modify.plan(settings, { now: NOW, run: 'r1', who: 'me@here' })
    const { steps, notes } = plan.manual!
    return { operations, steps, notes }
  } finally {
    modify.close()
  }
}

/** What the steps of a plan come to against the instance of now. */
export async function fromSteps(id: string, steps: readonly Step[], settings: Record<string, string> = {}) {
  const modify = open(id)
  try {
    return await modify.operations(steps, { now: NOW, run: 'r2', settings })
  } finally {
    modify.close()
  }
}

/** Writes down, until it may not any more; `said` is what people read meanwhile. */
function working(
  id: string,
  entries: JournalEntry[],
  { most = Number.POSITIVE_INFINITY, said = [], meanwhile }: More,
) {
  const modify = open(id)
  let left = most
  const send: typeof modify.actor.send = async (operation, signal) => {
    meanwhile?.(operation)
    await modify.actor.send(operation, signal)
  }
  return {
    parts: {
      actorOf: () => ({ ...modify.actor, send }) as never,
      journal: {
        append: async (entry: JournalEntry) => {
          if (left-- <= 0) throw new Crash()
          entries.push(JSON.parse(JSON.stringify(entry)))
        },
      },
      clock: handClock(T0 + 10_000),
      run: 'r1',
      say: (text: string) => void said.push(text),
    },
    close: () => modify.close(),
  }
}

const beginning = (operations: Operation[]): Beginning => ({
  hash: 'h',
  target: 't',
  who: 'w',
  title: '',
  operations,
})

interface More {
  entries?: JournalEntry[]
  /** Entries after which it crashes. */
  most?: number
  said?: string[]
  signal?: AbortSignal
  /** What somebody else does between the look and the call. */
  meanwhile?(operation: Operation): void
  /** Everything that a watch of the database brings, from T0 on; the work begins after ten seconds of it. */
  seen?: Evidence
}

/** After which it is judged, milliseconds. */
const SETTLE_MS = 8_000

export async function apply(id: string, operations: Operation[], more: More = {}): Promise<Applied> {
  const { entries = [], signal, seen } = more
  const { parts, close } = working(id, entries, more)
  try {
    return await execute(beginning(operations), [...entries], {
      ...parts,
      ...(signal ? { signal } : {}),
      ...(seen ? { health: { evidence: () => seen, settleMs: SETTLE_MS } } : {}),
    })
  } finally {
    close()
  }
}

export async function takeBack(id: string, entries: JournalEntry[], more: More = {}): Promise<Applied> {
  const { parts, close } = working(id, entries, more)
  try {
    return await rollback([...entries], 'asked for', parts)
  } finally {
    close()
  }
}

/** What was sent to change something. */
export const changesOf = (calls: readonly string[]): string[] =>
  calls.filter(call => !/:(?:Describe|GetMetricData)/.test(call))
