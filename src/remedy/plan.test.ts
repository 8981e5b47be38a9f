import { expect, test } from 'vitest'
import { diagnosis, finding } from '../../test/kit/diagnosis.ts'
import {
  evidence,
  idle,
  refusedProbe,
  session,
  type TickSpec,
  times,
  waiter,
} from '../../test/kit/evidence.ts'
import type { Finding, Plan } from '../model/index.ts'
import { plan } from './plan.ts'

const HEAD = session('1', { state: 'idle in transaction', application: 'billing', user: 'billing' })

/** Ten calm seconds at nine slots, then two more waiters a second behind the head until all 37 are gone. */
const pileUp = (second: number): TickSpec => {
  const waiting = Math.min(2 * (second - 9), 27)
  if (second < 10) return { sessions: [session('2')], idle: [idle(7)] }
  return {
    sessions: [HEAD, ...times(waiting, i => waiter(`w${i}`, ['1']))],
    idle: [idle(8)],
    ...(waiting === 27 ? { probe: refusedProbe } : {}),
  }
}
const given = evidence(30, pileUp)
const root = finding(
  'idle-in-transaction',
  ['idle-in-transaction-timeout', 'end-session', 'max-connections', 'scale-up'],
  { subject: { session: HEAD } },
)
const planFor = (findings: Finding[]) => plan(diagnosis(given, 10, findings), given, 7)
const advised = ({ advice }: Plan) => advice.map(({ remedy }) => remedy)
const reasonOf = ({ notAdvised }: Plan, code: string) =>
  notAdvised.find(({ remedy }) => remedy === code)?.reason ?? ''

test('a plan is of its target, and of the time it was asked for', () => {
  expect(planFor([root])).toMatchObject({ schema: 'spillway/plan/v1', target: given.target, createdAt: 7 })
})

test('what stops the incident comes before what keeps it from coming back', () => {
  const { advice } = planFor([root])
  expect(advice.map(({ horizon }) => horizon)).toEqual(['now', 'for-good'])
  expect(advised(planFor([root]))).toEqual(['end-session', 'idle-in-transaction-timeout'])
})

test('within a horizon what ends the failures comes first, whatever the order of the findings', () => {
  const second = finding('lock-contention', ['lock-timeout', 'end-session'], { subject: { session: HEAD } })
  const order = ['end-session', 'idle-in-transaction-timeout', 'lock-timeout']
  expect(advised(planFor([root, second]))).toEqual(order)
  expect(advised(planFor([second, root]))).toEqual(order)
})

test('a remedy is advised once for each session, and refused once', () => {
  const other = finding('lock-contention', ['end-session', 'scale-up'], {
    subject: { session: session('w3') },
  })
  const { advice, notAdvised } = planFor([root, other])
  const ended = advice.flatMap(({ action }) => action?.session.id ?? [])
  expect(ended).toEqual(['1', 'w3'])
  expect(planFor([root, root]).advice).toEqual(planFor([root]).advice)
  const refused = notAdvised.map(({ remedy }) => remedy)
  expect(refused).toHaveLength(new Set(refused).size)
  // A finding without a session has nothing to end: the question goes to the next.
  const sessionless = finding('lock-contention', ['end-session'])
  expect(planFor([sessionless, root]).advice[0]?.action?.session.id).toBe('1')
})

test('every remedy asked for is advised or refused with a reason', () => {
  const result = planFor([root])
  const codes = [...result.advice, ...result.notAdvised].map(({ remedy }) => remedy)
  expect(codes).toEqual(expect.arrayContaining(root.remedies))
  expect(new Set(codes).size).toBe(codes.length)
  for (const { reason } of result.notAdvised) expect(reason.length).toBeGreaterThan(10)
})

test('a larger instance is not advised for a pile-up behind a lock', () => {
  expect(advised(planFor([root]))).not.toContain('scale-up')
  // All of the load, since the holder is idle.
  expect(reasonOf(planFor([root]), 'scale-up')).toContain('100 %')
})

test('the seconds that twice as many slots would last follow from the growth', () => {
  const [, slots, seconds, perS] =
    /\((\d+)\) .*?(\d+) s: ([\d.]+) /.exec(reasonOf(planFor([root]), 'max-connections')) ?? []
  expect(Number(slots)).toBe(80)
  // 9 slots at second 9, full with 37 in second 22: two in each.
  expect(Number(perS)).toBeCloseTo(28 / 13, 0)
  expect(Number(seconds) * (28 / 13)).toBeCloseTo(40, -1)
})

test('without growth raising max_connections is refused all the same, without a number', () => {
  const full = evidence(5, () => pileUp(29))
  const result = plan(diagnosis(full, 0, [root]), full, 0)
  expect(reasonOf(result, 'max-connections')).not.toMatch(/\d/)
})

test('no finding, no remedy', () => {
  const { advice, notAdvised } = planFor([])
  expect([advice, notAdvised.map(({ remedy }) => remedy)]).toEqual([[], ['wait', 'reserved-slots']])
})
