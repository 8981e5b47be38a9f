import { expect, test } from 'vitest'
import { MARKET, onRds } from '../../test/kit/cloud.ts'
import { evidence } from '../../test/kit/evidence.ts'
import type { Step } from '../model/index.ts'
import { priceOf } from './price.ts'

const { target } = onRds(evidence(3, () => ({})))
const step = (what: Step['what'], after: Step['after']): Step => ({
  ...{ actuator: 'rds', what, after, reversible: true, outage: 'none', verify: ['api'] },
})
const dearer = MARKET.classes.find(
  ({ usdPerHour = 0, name }) => usdPerHour > 0 && name !== target.instanceClass,
)!
const another = step({ kind: 'instance-class' }, dearer.name)
const of = (...steps: Step[]) => priceOf(target, MARKET, steps)

test('settings cost nothing, classes and storage what the list says, together their sum', () => {
  const setting = step({ kind: 'setting', name: 'lock_timeout', needsRestart: false }, 3000)
  const larger = step({ kind: 'storage', field: 'size' }, target.instance!.storage.gib + 100)
  expect(of(setting).usd).toBe(0)
  expect(of(another).usd).not.toBe(0)
  expect(of(larger).usd).toBeGreaterThan(0)
  expect(of(setting, another, larger).usd).toBeCloseTo(of(another).usd! + of(larger).usd!, 2)
})

test('what nobody has a price of makes the sum unknown, and the rest is said', () => {
  const { usd, note } = of(another, step({ kind: 'instance-class' }, 'db.nope.large'))
  expect(usd).toBeUndefined()
  expect(note).toContain('db.nope.large')
  expect(note).toContain(Math.abs(of(another).usd!).toFixed(2))
  expect(priceOf(target, undefined, [another]).usd).toBeUndefined()
})
