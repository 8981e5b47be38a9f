// Lock waits charged to the head of the blocking tree. Every waiter is charged once, so the shares add up to one.
import type { BlockingHead, LockWait, SessionSample, Tick } from '../model/index.ts'
import { census } from './census.ts'

export interface Blocking {
  /** Largest tree first. */
  heads: BlockingHead[]
  /** Every waiter's place, by its session id; a circle's first member has one too. */
  placeOf: Map<string, Place>
  /** Who waits below each head, by the head's id, nearest first. */
  queueOf: Map<string, SessionSample[]>
}

interface Place {
  session: SessionSample
  /** The session right before it in its chain. */
  parent: string
  /** The head it is charged to; in a circle the member that was met first, which is charged to itself. */
  head: string
  /** Sessions between it and the head, the head counted; 0 for the head of a circle. */
  depth: number
}

/**
 * The blocking trees of one tick. Linear in the sessions and their `blockedBy` edges. A circle (a deadlock that
 * the server has not ended yet) is charged to the member met first.
 */
export function blocking(tick: Tick, waiting = census(tick.sessions).waiting): Blocking {
  const placeOf = new Map<string, Place>()
  for (const session of waiting) {
    if (!waitsForItself(session)) placeOf.set(session.id, { session, parent: '', head: '', depth: 0 })
  }
  if (placeOf.size === 0) return NOBODY_WAITS
  for (const place of placeOf.values()) place.parent = nearestBlocker(place.session, placeOf)
  for (const place of placeOf.values()) if (place.head === '') locate(place, placeOf)

  const heads = new Map<string, BlockingHead>()
  const queueOf = new Map<string, SessionSample[]>()
  // Nearest first: what waits right behind the head says best which lock it is.
  for (const { session, head, depth } of byDepth([...placeOf.values()])) {
    if (depth === 0) continue
    const tree = heads.get(head)
    if (!tree) {
      const { lock } = session
      heads.set(head, {
        session: { id: head, state: 'unknown' },
        blocked: 1,
        depth,
        ...(lock ? { lock } : {}),
      })
      queueOf.set(head, [session])
      continue
    }
    tree.blocked++
    tree.depth = depth
    if (session.lock) tree.lock = betterLock(tree.lock, session.lock)
    queueOf.get(head)!.push(session)
  }
  let unseen = heads.size
  for (const session of tick.sessions ?? []) {
    const tree = heads.get(session.id)
    if (!tree) continue
    tree.session = session
    if (--unseen === 0) break
  }
  return { heads: [...heads.values()].sort((a, b) => b.blocked - a.blocked), placeOf, queueOf }
}

const waitsForItself = ({ id, blockedBy = [] }: SessionSample): boolean =>
  blockedBy[0] === id && blockedBy.every(other => other === id)

const NOBODY_WAITS: Blocking = { heads: [], placeOf: new Map(), queueOf: new Map() }

/** The first lock known; a later one of the same kind only adds the object's name. */
function betterLock(known: LockWait | undefined, lock: LockWait): LockWait {
  if (!known) return lock
  return known.object === undefined && lock.kind === known.kind ? lock : known
}

/**
 * A waiter names everyone it waits for: the holder, and those before it in the queue. One that itself waits is
 * the better parent, for through it the whole chain is seen; the head is the same.
 */
function nearestBlocker({ id, blockedBy = [] }: SessionSample, waiters: Map<string, Place>): string {
  let nearest = ''
  for (const other of blockedBy) {
    if (other === id) continue
    if (waiters.has(other)) return other
    if (nearest === '') nearest = other
  }
  return nearest
}

/** Walks up until the head or a place that is known, and places everyone on the way. */
function locate(start: Place, placeOf: Map<string, Place>): void {
  const path: Place[] = []
  let at: Place | undefined = start
  while (at && at.head === '' && at.depth !== ON_PATH) {
    path.push(at)
    at.depth = ON_PATH
    at = placeOf.get(at.parent)
  }
  const circle = at?.depth === ON_PATH ? at : undefined
  const head = circle ? circle.session.id : at ? at.head : path.at(-1)!.parent
  let depth = circle || !at ? 0 : at.depth
  for (const place of path.reverse()) {
    depth = place === circle ? 0 : depth + 1
    place.head = head
    place.depth = depth
  }
}

const ON_PATH = -1

/** In place; mostly they are in that order already. */
const byDepth = (places: Place[]): Place[] => places.sort((a, b) => a.depth - b.depth)
