import { expect, test } from 'vitest'
import { forSeeds } from '../../test/kit/property.ts'
import { splitGrowth } from './divisia.ts'

test('more calls of the same time, or the same calls that take longer, are told apart', () => {
  const before = { aas: 2, callsPerS: 100 }
  expect(splitGrowth(before, { aas: 6, callsPerS: 300 })).toEqual({ byCalls: 4, byTime: 0 })
  expect(splitGrowth(before, { aas: 6, callsPerS: 100 })).toEqual({ byCalls: 0, byTime: 4 })
})

test('the parts add up to the whole, and the way back is the same with the other sign', () => {
  forSeeds(200, random => {
    const draw = () => ({ aas: 20 * random(), callsPerS: 1000 * random() })
    const [a, b] = [draw(), draw()]
    const [there, back] = [splitGrowth(a, b), splitGrowth(b, a)]
    expect(there.byCalls + there.byTime).toBeCloseTo(b.aas - a.aas)
    expect(back.byCalls).toBeCloseTo(-there.byCalls)
  })
})

test('what is new came with its calls; what was too quick to be met, or ends no more, takes longer now', () => {
  expect(splitGrowth({ aas: 0, callsPerS: 0 }, { aas: 3, callsPerS: 5 })).toEqual({ byCalls: 3, byTime: 0 })
  expect(splitGrowth({ aas: 3, callsPerS: 5 }, { aas: 0, callsPerS: 0 })).toEqual({ byCalls: -3, byTime: 0 })
  expect(splitGrowth({ aas: 1, callsPerS: 50 }, { aas: 9, callsPerS: 0 })).toEqual({ byCalls: 0, byTime: 8 })
  expect(splitGrowth({ aas: 0, callsPerS: 50 }, { aas: 3, callsPerS: 50 })).toEqual({ byCalls: 0, byTime: 3 })
})
