// The last slot of a real server, watched: it is left to those who need it, and refusals are still seen.
import { expect } from 'vitest'
import type { Engine, Failure } from '../../src/model/index.ts'
import { observe } from './watch.ts'

/** Whoever connects for an application; ends when told so. */
type Connect = () => Promise<() => Promise<unknown>>

/**
 * Fills the server up to one slot beside Spillway's own connection, watches, and lets an application have the slot; then there
 * is none, for want of which attempts fail, and then there are many. `usable` are all that are not reserved, `taken` those of
 * others.
 */
export async function expectLastSlotIsLeft(
  engine: Engine,
  usable: number,
  taken: number,
  refusal: Failure,
  connect: Connect,
): Promise<void> {
  const ends: (() => Promise<unknown>)[] = []
  const attempts = () => watched.seen.flatMap(({ probes }) => probes)
  const watched = observe(engine)
  try {
    await watched.until(({ probes }) => probes.some(({ ok }) => ok))
    while (ends.length < usable - taken - 2) ends.push(await connect())
    await watched.until(({ heldBack }) => isLast(heldBack))
    const before = attempts().length
    const from = watched.seen.length
    await watched.until(() => watched.seen.length >= from + 4)
    // A tick that comes late has no sample, and no attempt either.
    const told = watched.seen.slice(from).filter(({ heldBack }) => heldBack !== undefined)
    expect(told.length).toBeGreaterThan(0)
    expect(told.every(({ heldBack }) => isLast(heldBack))).toBe(true)
    expect(attempts()).toHaveLength(before)
    expect(attempts().every(({ ok }) => ok)).toBe(true)
    expect(watched.seen.flatMap(({ events = [] }) => events)).toContainEqual(
      expect.objectContaining({ source: 'spillway', kind: 'probe-held-back' }),
    )

    ends.push(await connect())
    const { probes } = await watched.until(({ probes }) => probes.some(({ ok }) => !ok))
    expect(probes[0]?.failure).toBe(refusal)
    await Promise.all(ends.splice(0).map(end => end()))
    await watched.until(({ probes }) => probes.some(({ ok }) => ok))
  } finally {
    await watched.stop()
    await Promise.all(ends.map(end => end()))
  }
}

const isLast = (heldBack: string | undefined): boolean => heldBack?.startsWith('1 left of') ?? false
