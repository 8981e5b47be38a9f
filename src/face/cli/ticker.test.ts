import { expect, test } from 'vitest'
import { sampleOf } from '../../../test/kit/scripted.ts'
import type { Observation, Tick } from '../../model/index.ts'
import { paint } from './paint.ts'
import { ticker } from './ticker.ts'

const { signals, sessions, idle, limits } = sampleOf({ active: 5, waiting: 3 })
const sampled = { t: 0, signals, sessions, idle }

const line = (tick: Tick, more: Partial<Observation> = {}): string => {
  let text = ''
  const shown = ticker(0, paint(false), false, part => {
    text += part
  })
  shown.show({ tick, probes: [], ...(limits && { limits }), ...more }, 'watching')
  return text
}

test('one sample is counted', () => expect(line(sampled)).toMatch(/AAS +5 .*slots 20\/97 .*Lock 3 CPU 2\n$/))

test('of a burst the means are shown, and how many samples they are of', () => {
  const means = { aas: 7.6, aas_lock: 6.4, aas_cpu: 1.2 }
  const burst = { ...sampled, samples: 10, signals: { ...signals, ...means } }
  expect(line(burst)).toMatch(/AAS +8 .*Lock 6 CPU 1 +10 samples\n$/)
})

test('an attempt that is held back is told with its reason', () =>
  expect(line(sampled, { heldBack: '2 left of the 97 usable slots' })).toContain(
    '2 left of the 97 usable slots',
  ))

test('a tick in which no sample was due is not one whose sample failed', () => {
  const gap = { t: 0, signals: {} }
  expect(line(gap, { everyMs: 4_000 })).toContain('4 s')
  expect(line(gap, { everyMs: 4_000 })).not.toBe(line(gap))
})
