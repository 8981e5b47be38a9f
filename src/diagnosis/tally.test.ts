import { expect, test } from 'vitest'
import { evidence } from '../../test/kit/evidence.ts'
import { forSeeds, randomTick } from '../../test/kit/property.ts'
import { activeByWaitClass, activeSessions, load } from '../load/index.ts'
import { slotsUsed } from '../model/index.ts'
import { leftOf, meanLeft, meanLoad, remove, tally } from './tally.ts'

const ticksOf = (random: () => number) => evidence(6, () => randomTick(random)).ticks

test('a tally is what counting says', () => {
  forSeeds(50, random => {
    for (const tick of ticksOf(random)) {
      const { active, byWaitClass, slots } = tally(tick)
      expect([active, byWaitClass, slots]).toEqual([
        activeSessions(tick),
        activeByWaitClass(tick),
        slotsUsed(tick),
      ])
    }
  })
})

test('the load from tallies is the load', () => {
  forSeeds(20, random => {
    const ticks = ticksOf(random)
    const [counted, whole] = [meanLoad(ticks), load(ticks)]
    expect(counted.aas).toBeCloseTo(whole.aas)
    for (const [name, value] of Object.entries(whole.byWaitClass))
      expect(counted.byWaitClass[name as keyof typeof counted.byWaitClass]).toBeCloseTo(value)
  })
})

test('what is left by counting is what is left of the tick itself', () => {
  forSeeds(50, random => {
    for (const tick of ticksOf(random)) {
      const sessions = tick.sessions!.filter(() => random() < 0.5)
      const gone = { sessions, idle: ({ count }: { count: number }) => Math.floor(count / 2) }
      const copy = remove(tick, gone)
      expect(leftOf(tick, gone)).toEqual({ active: activeSessions(copy), slots: slotsUsed(copy) })
    }
  })
})

test('means leave gaps out', () => {
  const [tick] = ticksOf(() => 0.4)
  const gap = { t: 0, signals: {} }
  expect(meanLeft([tick!, gap], () => ({}))).toEqual(meanLeft([tick!], () => ({})))
  expect(meanLeft([gap], () => ({}))).toEqual({ active: 0, slots: 0 })
})
