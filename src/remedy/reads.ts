// Which share of the load could go to a replica: reads that stand alone.
import type { SessionSample } from '../model/index.ts'
import type { Scene } from './situation.ts'

/** A transaction no older than its statement, within this time, is that one statement, milliseconds. */
const ALONE_MS = 100

export interface Reads {
  /** Of the active sessions on CPU and I/O, 0 to 1. */
  share: number
  /** The statements that make most of it. */
  statements: string[]
}

/** Undefined where no text of statements was seen. */
export function routableReads({ now }: Scene): Reads | undefined {
  const working = now
    .flatMap(tick => tick.sessions ?? [])
    .filter(({ state, waitClass }) => state === 'active' && (waitClass === 'CPU' || waitClass === 'IO'))
  const known = working.filter(({ statement }) => statement !== undefined)
  if (known.length === 0) return undefined
  const reads = known.filter(isRoutable)
  const counts = new Map<string, number>()
  for (const { statementId, statement } of reads) {
    const name = statementId ?? statement!
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return {
    // What has no text stays where it is.
    share: reads.length / working.length,
    statements: [...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 3)
      .map(([name]) => name),
  }
}

/** A read that locks nothing, calls nothing that writes by name, and is a transaction of its own. */
function isRoutable({ statement = '', transactionAgeMs, stateAgeMs }: SessionSample): boolean {
  const text = statement.replace(/\/\*.*?\*\//gs, ' ').trim()
  if (!/^\(*\s*select\b/i.test(text)) return false
  if (
    /\bfor\s+(?:no\s+key\s+)?(?:update|share|key\s+share)\b|\block\s+in\s+share\b|\binto\b|\bnextval\b|\bget_lock\b|advisory/i.test(
      text,
    )
  )
    return false
  return (
    transactionAgeMs === undefined || stateAgeMs === undefined || transactionAgeMs - stateAgeMs <= ALONE_MS
  )
}
