import { describe, expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import { evidence, idle, session, T0, type TickSpec, times, waiter } from '../../../test/kit/evidence.ts'
import type { Advice, Cause, Evidence, Finding, RemedyCode } from '../../model/index.ts'
import { plan } from '../plan.ts'

/** Ten seconds of peace, and ten of trouble. */
const seenIn = (trouble: (second: number) => TickSpec): Evidence =>
  evidence(20, second => (second < 10 ? { sessions: [session('2')], idle: [idle(5)] } : trouble(second)))

const planned = (found: Finding, seen: Evidence) => plan(diagnosis(seen, 10, [found]), seen, 0)
const advised = (code: RemedyCode, found: Finding, seen: Evidence): Advice | undefined =>
  planned(found, seen).advice.find(({ remedy }) => remedy === code)
const refused = (code: RemedyCode, found: Finding, seen: Evidence): string | undefined =>
  planned(found, seen).notAdvised.find(({ remedy }) => remedy === code)?.reason

describe('what is broken outside', () => {
  const busy = seenIn(() => ({ sessions: times(9, i => session(`${i}`)), idle: [idle(20)] }))

  test.each<[Cause, string | undefined]>([
    ['network-unreachable', undefined],
    ['network-degraded', undefined],
    ['auth-failure', undefined],
    ['tls-failure', undefined],
    ['cpu-starvation', undefined],
    ['commit-stall', 'standby'],
  ])('%s leaves load and attempts as they were before', (cause, kind) => {
    const { effect, steps, commands } = advised(
      'mend-outside',
      finding(cause, [], kind ? { kind } : {}),
      busy,
    )!
    expect(effect).toMatchObject({ aas: { before: 9, after: expect.closeTo(1) }, connectsRecover: true })
    expect(steps).toEqual([])
    expect(commands.length).toBeGreaterThan(0)
  })

  test('is no answer to what the database does itself', () => {
    expect(advised('mend-outside', finding('commit-stall', []), busy)).toBeUndefined()
    expect(advised('mend-outside', finding('load-surge', []), busy)).toBeUndefined()
  })
})

describe('a session is not ended', () => {
  const lock = (id: string) => finding('lock-contention', [], { subject: { session: session(id) } })
  const queue = (head: string) => times(8, i => waiter(`w${i}`, [head]))

  test('that only waits for its own commit', () => {
    const seen = seenIn(() => ({ sessions: [session('1', { waitClass: 'Commit' }), ...queue('1')] }))
    expect(refused('end-session', lock('1'), seen)).toContain('commit')
  })

  test('that is one of a circle', () => {
    const seen = seenIn(() => ({ sessions: [waiter('1', ['2']), waiter('2', ['1']), ...queue('1')] }))
    expect(refused('end-session', lock('1'), seen)).toContain('circles')
  })

  test('that is one of many, one after the other', () => {
    const seen = seenIn(second => ({ sessions: [session(`h${second}`), ...queue(`h${second}`)] }))
    expect(refused('end-session', lock('h19'), seen)).toContain('takes its place')
    const stands = seenIn(() => ({ sessions: [session('h'), ...queue('h')] }))
    expect(advised('end-session', lock('h'), stands)?.effect.connectsRecover).toBe(true)
  })
})

test('of a job all sessions are ended, by a person', () => {
  const dump = finding('backup', [], { subject: { application: 'pg_dump' } })
  const seen = seenIn(() => ({
    sessions: [session('2'), ...times(4, i => session(`d${i}`, { application: 'pg_dump' }))],
  }))
  const { steps, effect, commands } = advised('end-session', dump, seen)!
  expect(steps).toEqual([])
  expect(commands.join()).toContain("application_name = 'pg_dump'")
  expect(effect.aas).toMatchObject({ before: 5, after: expect.closeTo(1) })
})

test('who waits for the lock of somebody who waits for the volume is freed with it', () => {
  const seen = seenIn(second => ({
    sessions: [
      session('1', { waitClass: 'Commit' }),
      ...times(2 * (second - 9), i => waiter(`w${i}`, ['1'])),
    ],
  }))
  const { effect } = advised('storage', finding('commit-stall', []), seen)!
  expect(effect.aas.after).toBeLessThan(2)
})

describe('a pooler that has no connection left', () => {
  const exhausted = finding('pooler-exhausted', ['pool-size'], { kind: 'pool', subject: { user: 'web' } })
  const waits = (n: number, held: number): Evidence => ({
    ...seenIn(() => ({ sessions: [], idle: [idle(held)] })),
    events: [
      {
        ...{ t: T0 + 15_000, source: 'pgbouncer', kind: 'pool-exhausted' },
        message: `pool shop/web has all its ${held} server connections in use, in session mode: ${n} clients wait`,
      },
    ],
  })

  test('gets as many more as clients wait', () => {
    expect(advised('pooler', exhausted, waits(9, 4))).toMatchObject({ poolerSize: 13 })
  })

  test('but no more than the server has room for', () => {
    // 37 usable less 5 taken (one is Spillway’s own) less a spare of 5.55.
    expect(advised('pooler', exhausted, waits(90, 4))).toMatchObject({ poolerSize: 4 + 26 })
    expect(refused('pooler', exhausted, waits(9, 33))).toContain('no slots')
  })

  test('is not helped by smaller pools of the applications', () => {
    expect(refused('pool-size', exhausted, waits(9, 4))).toContain('pooler')
  })
})

test('a statement is not mended out of a queue that somebody else holds up', () => {
  const dear = finding('query-regression', [], { subject: { statementId: '7' } })
  const held = finding('lock-contention', [], { subject: { session: session('1') } })
  const seen = seenIn(second => ({
    sessions: [
      session('1'),
      ...times(6, i => session(`s${i}`, { statementId: '7' })),
      ...times(2 * (second - 9), i => waiter(`w${i}`, ['1'])),
    ],
  }))
  const slotsAfter = (findings: Finding[]) =>
    plan(diagnosis(seen, 10, findings), seen, 0).advice.find(({ remedy }) => remedy === 'mend-statement')!
      .effect.slots.after
  expect(slotsAfter([dear])).toBeLessThan(37)
  expect(slotsAfter([dear, held])).toBe(37)
})
