// Lock waits charged to the head of the blocking tree. Every waiter is charged once, so the shares add up to one.
import type { BlockingHead, LockWait, SessionSample, Tick } from '../model/index.ts'

export interface Blocking {
  /** Largest tree first. */
  heads: BlockingHead[]
  /** The head each waiter is charged to, by session id. */
  headOf: Map<string, string>
  /** Who waits below each head, by the head's id, nearest first. */
  queueOf: Map<string, SessionSample[]>
  /** The session right before each waiter in its chain. */
  parentOf: Map<string, string>
}

/**
 * The blocking trees of one tick. Linear in the sessions and their `blockedBy` edges. A circle (a deadlock that
 * the server has not ended yet) is charged to the member met first.
 */
export function blocking(tick: Tick): Blocking {
  const waiters = new Map<string, SessionSample>()
  for (const session of tick.sessions ?? []) if (session.blockedBy?.length) waiters.set(session.id, session)
  if (waiters.size === 0) return NOBODY_WAITS
  const parentOf = new Map<string, string>()
  for (const session of waiters.values()) {
    const parent = nearestBlocker(session, waiters)
    if (parent !== undefined) parentOf.set(session.id, parent)
  }
  const places: Places = { headOf: new Map(), depthOf: new Map() }
  for (const id of parentOf.keys()) locate(id, parentOf, places)
  const { headOf, depthOf } = places

  const heads = new Map<string, BlockingHead>()
  const queueOf = new Map<string, SessionSample[]>()
  // Nearest first: what waits right behind the head says best which lock it is.
  const waiting = [...depthOf].sort((a, b) => a[1] - b[1])
  for (const [id, depth] of waiting) {
    const head = headOf.get(id)!
    if (head === id) {
      headOf.delete(id)
      continue
    }
    const tree = heads.get(head) ?? { session: { id: head, state: 'unknown' }, blocked: 0, depth: 0 }
    tree.blocked++
    tree.depth = Math.max(tree.depth, depth)
    const waiter = waiters.get(id)!
    tree.lock = betterLock(tree.lock, waiter.lock)
    heads.set(head, tree)
    const queue = queueOf.get(head)
    if (queue) queue.push(waiter)
    else queueOf.set(head, [waiter])
  }
  let unseen = heads.size
  for (const session of tick.sessions ?? []) {
    const tree = heads.get(session.id)
    if (!tree) continue
    tree.session = session
    if (--unseen === 0) break
  }
  return { heads: [...heads.values()].sort((a, b) => b.blocked - a.blocked), headOf, queueOf, parentOf }
}

const NOBODY_WAITS: Blocking = { heads: [], headOf: new Map(), queueOf: new Map(), parentOf: new Map() }

/** The first lock known; a later one of the same kind only adds the object's name. */
function betterLock(known: LockWait | undefined, lock: LockWait | undefined): LockWait | undefined {
  if (!lock || !known) return known ?? lock
  return known.object === undefined && lock.kind === known.kind ? lock : known
}

/**
 * A waiter names everyone it waits for: the holder, and those before it in the queue. One that itself waits is
 * the better parent, for through it the whole chain is seen; the head is the same.
 */
function nearestBlocker(
  { id, blockedBy = [] }: SessionSample,
  waiters: Map<string, SessionSample>,
): string | undefined {
  return blockedBy.find(other => other !== id && waiters.has(other)) ?? blockedBy.find(other => other !== id)
}

/** Of each waiter that is placed; the head of a circle has itself and 0. */
interface Places {
  headOf: Map<string, string>
  depthOf: Map<string, number>
}

function locate(start: string, parentOf: Map<string, string>, { headOf, depthOf }: Places): void {
  if (headOf.has(start)) return
  const next = parentOf.get(start)!
  const placed = headOf.get(next)
  // The common case by far: right behind the head, or behind one that is placed already.
  if (placed !== undefined || !parentOf.has(next)) {
    headOf.set(start, placed ?? next)
    depthOf.set(start, (depthOf.get(next) ?? 0) + 1)
    return
  }
  const path: string[] = []
  const onPath = new Set<string>()
  let at = start
  while (!headOf.has(at) && !onPath.has(at)) {
    path.push(at)
    onPath.add(at)
    const parent = parentOf.get(at)
    if (parent === undefined) break
    at = parent
  }
  const head = headOf.get(at) ?? at
  let depth = depthOf.get(at) ?? 0
  for (const id of path.reverse()) {
    // One that is nobody's waiter has no place of its own.
    if (!parentOf.has(id)) continue
    depth = id === head ? 0 : depth + 1
    headOf.set(id, head)
    depthOf.set(id, depth)
  }
}
