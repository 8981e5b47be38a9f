import { expect, test } from 'vitest'
import { intensified } from './intensity.ts'
import { scenario } from './scenario/index.ts'

const stepsOf = (name: string, times: number) => intensified(scenario(name)!, times).fault

test('a fault with a size is made larger or smaller', () => {
  expect(stepsOf('connection-leak', 2)).toMatchObject([{ do: 'leak', perS: 8 }])
  expect(stepsOf('load-surge', 0.5)).toMatchObject([{ do: 'traffic', times: 40.5 }])
  expect(stepsOf('cpu-stolen', 0.5)).toMatchObject([{ do: 'burn', processes: 8 }])
  expect(stepsOf('storage-throttled', 2)).toMatchObject([{ do: 'limit', limits: { readsPerS: 15 } }])
  expect(stepsOf('network-lossy', 2)).toMatchObject([{ how: 'lose', share: 0.6 }])
  expect(stepsOf('pools-oversubscribed', 2)).toMatchObject([{ do: 'scale-out', everyMs: 500 }])
})

test('what comes more seldom does not come less than never', () => {
  expect(stepsOf('working-set-grown', 2)).toMatchObject([{ times: 0.02 }, { times: 99 }])
})

test('a fault without one meets more requests', () => {
  const [calm, hard] = [scenario('row-lock')!, intensified(scenario('row-lock')!, 2)]
  expect(hard.fault).toEqual(calm.fault)
  const rate = ({ services }: typeof calm) => services[0]!.requests[0]!.perS
  expect(rate(hard)).toBe(2 * rate(calm))
})

test('once is as it is written', () => {
  const whole = scenario('row-lock')!
  expect(intensified(whole, 1)).toBe(whole)
})
