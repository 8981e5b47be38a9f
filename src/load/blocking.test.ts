import { expect, test } from 'vitest'
import { evidence, session, times, waiter } from '../../test/kit/evidence.ts'
import { forSeeds, randomSession } from '../../test/kit/property.ts'
import type { SessionSample } from '../model/index.ts'
import { blocking } from './blocking.ts'

const treesOf = (sessions: SessionSample[]) => {
  const { heads, placeOf } = blocking(evidence(1, () => ({ sessions })).ticks[0]!)
  const places = [...placeOf]
  return {
    heads,
    headOf: new Map(places.flatMap(([id, { head }]) => (head === id ? [] : [[id, head] as const]))),
    parentOf: new Map(places.map(([id, { parent }]) => [id, parent])),
  }
}
const outline = (sessions: SessionSample[]) =>
  treesOf(sessions).heads.map(({ session, blocked, depth }) => [session.id, blocked, depth])
const holder = (id: string) => session(id, { state: 'idle in transaction' })

test('a holder with its waiters is one tree', () => {
  const { heads, headOf } = treesOf([holder('1'), waiter('2', ['1']), waiter('3', ['1'])])
  expect(heads).toMatchObject([
    { session: { id: '1', state: 'idle in transaction' }, blocked: 2, depth: 1, lock: { object: 'orders' } },
  ])
  expect(headOf).toEqual(
    new Map([
      ['2', '1'],
      ['3', '1'],
    ]),
  )
})

test('nobody waits: no tree, and a gap has none either', () => {
  expect(outline([session('1'), holder('2')])).toEqual([])
  expect(blocking({ t: 0, signals: {} }).heads).toEqual([])
})

test('a chain is charged to its head, as deep as it is long', () => {
  expect(outline([holder('1'), waiter('2', ['1']), waiter('3', ['2']), waiter('4', ['3'])])).toEqual([
    ['1', 3, 3],
  ])
})

test('a queue names the holder and those before it: still one charge each', () => {
  const queue = times(5, i => waiter(`${i + 1}`, ['0', ...times(i, before => `${before + 1}`)]))
  const { heads, headOf, parentOf } = treesOf([holder('0'), ...queue])
  expect(heads).toMatchObject([{ session: { id: '0' }, blocked: 5 }])
  expect([...new Set(headOf.values())]).toEqual(['0'])
  expect(parentOf.get('1')).toBe('0')
  expect(parentOf.get('5')).not.toBe('0')
})

test('several heads, the largest tree first', () => {
  const sessions = [holder('1'), waiter('2', ['1']), holder('3'), waiter('4', ['3']), waiter('5', ['4'])]
  expect(outline(sessions)).toEqual([
    ['3', 2, 2],
    ['1', 1, 1],
  ])
})

test('a head that was not sampled is known by its id alone', () => {
  const [head] = treesOf([waiter('2', ['99'])]).heads
  expect(head).toMatchObject({ session: { id: '99', state: 'unknown' }, blocked: 1, depth: 1 })
})

test('the lock of a tree is the one right below its head', () => {
  const ddl = waiter('2', ['1'], { lock: { kind: 'relation', object: 'orders', exclusive: true } })
  const reader = waiter('3', ['2'], { lock: { kind: 'relation', object: 'items' } })
  for (const sessions of [
    [holder('1'), ddl, reader],
    [reader, ddl, holder('1')],
  ])
    expect(treesOf(sessions).heads[0]!.lock).toEqual(ddl.lock)
})

test('who waits for itself waits for nobody', () => {
  expect(outline([waiter('1', ['1'])])).toEqual([])
})

test.each([2, 3, 7])('a circle of %i ends: one member is the head of the others', size => {
  const circle = times(size, i => waiter(`${i}`, [`${(i + 1) % size}`]))
  expect(outline(circle)).toEqual([['0', size - 1, size - 1]])
})

test('who waits behind a circle is charged to the same head', () => {
  const sessions = [waiter('a', ['b']), waiter('b', ['a']), waiter('c', ['b']), waiter('d', ['c'])]
  const { heads, headOf } = treesOf(sessions)
  expect(heads).toMatchObject([{ session: { id: 'a' }, blocked: 3 }])
  expect(headOf.get('d')).toBe('a')
})

test('every waiter is charged once, to the end of its chain, and the trees add up', () => {
  forSeeds(500, random => {
    const sessions = times(12, i => randomSession(random, `${i}`))
    const { heads, headOf, parentOf } = treesOf(sessions)
    const waiting = sessions.filter(({ id, blockedBy }) => blockedBy?.some(other => other !== id))
    expect([...parentOf.keys()].sort()).toEqual(waiting.map(({ id }) => id).sort())
    expect(heads.reduce((sum, { blocked }) => sum + blocked, 0)).toBe(headOf.size)
    const blockedBelow = heads.map(({ blocked }) => blocked)
    expect(blockedBelow).toEqual([...blockedBelow].sort((a, b) => b - a))
    for (const { id } of waiting) {
      const chain = chainOf(id, parentOf)
      if (headOf.has(id)) expect(chain).toContain(headOf.get(id))
      // Only a circle has a head that waits itself.
      else expect(chain.at(-1)).toBe(id)
      expect(headOf.get(id) ?? id).toBe(headOf.get(parentOf.get(id)!) ?? parentOf.get(id))
    }
  })
})

/** The parents from one waiter on; ends where there is none, or after one that was met before. */
function chainOf(id: string, parentOf: Map<string, string>): string[] {
  const chain: string[] = []
  for (let at = parentOf.get(id); at !== undefined; at = parentOf.get(at)) {
    const met = chain.includes(at)
    chain.push(at)
    if (met) break
    if (at === id) break
  }
  return chain
}

test('the order of the sample does not matter', () => {
  const sessions = [holder('1'), ...times(20, i => waiter(`${i + 2}`, [`${1 + Math.floor(i / 2)}`]))]
  expect(outline([...sessions].reverse())).toEqual(outline(sessions))
})

test.each([
  ['from the head', (n: number) => times(n, i => waiter(`${i + 1}`, [`${i}`]))],
  ['from the tail', (n: number) => times(n, i => waiter(`${n - i}`, [`${n - i - 1}`]))],
])('a chain of 50,000 sampled %s neither overflows the stack nor takes long', (_, chain) => {
  // Were it quadratic, this would take minutes and meet the deadline of the test.
  expect(outline([holder('0'), ...chain(50_000)])).toEqual([['0', 50_000, 50_000]])
})
