// Lock waits charged to the head of the blocking tree. Every waiter is charged once, so the shares add up to one.
import type { BlockingHead, LockWait, SessionSample, Tick } from '../model/index.ts'

export interface Blocking {
  /** Largest tree first. */
  heads: BlockingHead[]
  /** The head each waiter is charged to, by session id. */
  headOf: Map<string, string>
  /** The session right before each waiter in its chain. */
  parentOf: Map<string, string>
}

/**
 * The blocking trees of one tick. Linear in the sessions and their `blockedBy` edges. A circle (a deadlock that
 * the server has not ended yet) is charged to the member met first.
 */
export function blocking(tick: Tick): Blocking {
  if (!tick.sessions?.some(session => session.blockedBy?.length)) return NOBODY_WAITS
  const sessions = new Map(tick.sessions.map(session => [session.id, session]))
  const parentOf = new Map<string, string>()
  for (const session of sessions.values()) {
    const parent = nearestBlocker(session, sessions)
    if (parent !== undefined) parentOf.set(session.id, parent)
  }
  const place = new Map<string, { head: string; depth: number }>()
  for (const id of parentOf.keys()) locate(id, parentOf, place)

  const heads = new Map<string, BlockingHead>()
  const headOf = new Map<string, string>()
  // Nearest first: what waits right behind the head says best which lock it is.
  const waiting = [...parentOf.keys()].sort((a, b) => place.get(a)!.depth - place.get(b)!.depth)
  for (const id of waiting) {
    const { head, depth } = place.get(id)!
    if (head === id) continue
    headOf.set(id, head)
    const tree = heads.get(head) ?? {
      session: sessions.get(head) ?? { id: head, state: 'unknown' },
      blocked: 0,
      depth: 0,
    }
    tree.blocked++
    tree.depth = Math.max(tree.depth, depth)
    tree.lock = betterLock(tree.lock, sessions.get(id)?.lock)
    heads.set(head, tree)
  }
  return { heads: [...heads.values()].sort((a, b) => b.blocked - a.blocked), headOf, parentOf }
}

const NOBODY_WAITS: Blocking = { heads: [], headOf: new Map(), parentOf: new Map() }

/** The first lock known; a later one of the same kind only adds the object's name. */
function betterLock(known: LockWait | undefined, lock: LockWait | undefined): LockWait | undefined {
  if (!lock || !known) return known ?? lock
  return known.object === undefined && lock.kind === known.kind ? lock : known
}

/**
 * A waiter names everyone it waits for: the holder, and those before it in the queue. One that itself waits is
 * the better parent, for through it the whole chain is seen; the head is the same.
 */
function nearestBlocker(session: SessionSample, sessions: Map<string, SessionSample>): string | undefined {
  const others = (session.blockedBy ?? []).filter(id => id !== session.id)
  return others.find(id => sessions.get(id)?.blockedBy?.length) ?? others[0]
}

function locate(
  start: string,
  parentOf: Map<string, string>,
  place: Map<string, { head: string; depth: number }>,
): void {
  const path: string[] = []
  const onPath = new Set<string>()
  let at = start
  while (!place.has(at) && !onPath.has(at)) {
    path.push(at)
    onPath.add(at)
    const parent = parentOf.get(at)
    if (parent === undefined) break
    at = parent
  }
  let { head, depth } = place.get(at) ?? { head: at, depth: 0 }
  for (const id of path.reverse()) {
    depth = id === head ? 0 : depth + 1
    place.set(id, { head, depth })
  }
}
