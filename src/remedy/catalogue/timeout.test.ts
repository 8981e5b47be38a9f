// Timeouts by what they would have ended, doing nothing, and the order of a plan.
import { describe, expect, test } from 'vitest'
import { diagnosis, finding } from '../../../test/kit/diagnosis.ts'
import {
  evidence,
  idle,
  refusedProbe,
  session,
  type TickSpec,
  times,
  waiter,
} from '../../../test/kit/evidence.ts'
import type { Diagnosis, EngineName, Finding, RemedyCode } from '../../model/index.ts'
import { plan } from '../plan.ts'

const planned = (
  now: TickSpec,
  causes: Finding[],
  { engine = 'postgres' as EngineName, version = '16.4', more = {} as Partial<Diagnosis> } = {},
) => {
  const calm: TickSpec = {
    sessions: [session('2', { stateAgeMs: 400 })],
    idle: [idle(5)],
    signals: { commits_per_s: 100 },
  }
  const given = evidence(20, second => (second < 10 ? calm : now))
  const target = { ...given.target, engine, engineVersion: version }
  const of = { ...given, target }
  const { incident, ...judged } = diagnosis(of, 10, causes, { target, ...more })
  return plan({ ...judged, ...(more.outcome === 'healthy' || !incident ? {} : { incident }) }, of, 0)
}
const find = (code: RemedyCode, ...of: Parameters<typeof planned>) =>
  planned(...of).advice.find(({ remedy }) => remedy === code)
const isRefused = (code: RemedyCode, ...of: Parameters<typeof planned>) =>
  planned(...of).notAdvised.some(({ remedy }) => remedy === code)

const dear = finding('query-regression', [], { subject: { statementId: '7' } })
const long: TickSpec = {
  sessions: times(6, i => session(`${i}`, { statementId: '7', stateAgeMs: 1000 * (i + 1) })),
}

describe('a statement timeout', () => {
  test('is three times the longest statement of peace, and ends what runs longer', () => {
    const { steps, effect } = find('statement-timeout', long, [dear])!
    expect(steps).toMatchObject([
      {
        actuator: 'sql',
        what: { kind: 'role-setting', role: 'web', name: 'statement_timeout', unit: 'ms' },
        after: 2000,
      },
    ])
    expect(find('statement-timeout', long, [dear])!.forNewSessions).toBe(true)
    // Two of the six have run no longer than two seconds.
    expect(effect.byWaitClass!.CPU).toBe(2)
  })

  test('is of the server, in its own unit, where the engine has no other', () => {
    const of = (engine: EngineName) => find('statement-timeout', long, [dear], { engine })!.steps![0]
    expect(of('mysql')).toMatchObject({
      what: { kind: 'setting', name: 'max_execution_time', unit: 'ms' },
      after: 2000,
    })
    expect(of('mariadb')).toMatchObject({ what: { name: 'max_statement_time', unit: 's' }, after: 2 })
  })

  test('is not guessed where nothing runs that long', () => {
    expect(isRefused('statement-timeout', { sessions: times(6, i => session(`${i}`)) }, [dear])).toBe(true)
  })
})

describe('cancelling a statement', () => {
  const head = session('1', { stateAgeMs: 9000 })
  const queue = { sessions: [head, ...times(5, i => waiter(`w${i}`, ['1']))] }
  const lock = finding('lock-contention', [], { subject: { session: head } })

  test('frees those behind a head that works, where its locks go with it', () => {
    expect(find('cancel-statement', queue, [lock])).toMatchObject({
      steps: [{ what: { kind: 'cancel-statement', session: { id: '1' } }, reversible: false }],
      effect: { sessionsFreed: 6 },
    })
    expect(isRefused('cancel-statement', queue, [lock], { engine: 'mysql' })).toBe(true)
  })

  test('is of no use against one that idles', () => {
    const idles = session('1', { state: 'idle in transaction' })
    const cause = finding('lock-contention', [], { subject: { session: idles } })
    expect(find('cancel-statement', { sessions: [idles, waiter('w', ['1'])] }, [cause])).toBeUndefined()
  })
})

test('logins that hang are ended when they hold many slots', () => {
  const hanging = times(8, i => session(`${i}`, { state: 'starting', stateAgeMs: 30_000 }))
  expect(find('connect-timeout', { sessions: hanging }, [dear])).toMatchObject({
    steps: [{ what: { name: 'authentication_timeout', unit: 's' }, after: 10 }],
  })
  expect(find('connect-timeout', { sessions: hanging.slice(0, 2) }, [dear])).toBeUndefined()
})

test('slots for the operator are kept where they were gone, since the version that can', () => {
  const full = { idle: [idle(36)], probe: refusedProbe }
  expect(find('reserved-slots', full, [])).toMatchObject({
    steps: [{ what: { name: 'reserved_connections', needsRestart: true }, before: 0, after: 3 }],
    effect: { usable: 34 },
  })
  expect(isRefused('reserved-slots', full, [], { version: '15.4' })).toBe(true)
})

describe('doing nothing', () => {
  test('is best in peace and when it is over, and comes first', () => {
    const peace = planned({ idle: [idle(5)] }, [], { more: { outcome: 'healthy' } })
    expect(peace.advice.map(({ remedy }) => remedy)).toEqual(['wait'])
    const over = planned(long, [dear], {
      more: { incident: { from: 1, to: Number.MAX_SAFE_INTEGER, onset: 1, ongoing: false } },
    })
    expect(over.advice[0]?.remedy).toBe('wait')
    expect(over.wait).toBeDefined()
  })

  test('is not, while connections fail', () => {
    const { wait, notAdvised } = planned({ idle: [idle(36)], probe: refusedProbe }, [dear])
    expect(wait).toBeUndefined()
    expect(notAdvised.map(({ remedy }) => remedy)).toContain('wait')
  })
})

test('InnoDB grows its buffer pool while it works, by what is done less than in peace', () => {
  // It counts one page less than it was given.
  const signals = { buffer_hit_ratio: 0.8, buffer_size_bytes: 2 ** 27 - 16_384, buffer_misses_per_s: 64 }
  const at = (commits_per_s: number) => {
    const now = {
      sessions: times(9, i => session(`${i}`, { waitClass: 'IO' })),
      signals: { ...signals, commits_per_s },
    }
    return find('buffer-pool', now, [finding('buffer-pool-small', [])], { engine: 'mysql' })!
  }
  const { steps, commands, effect } = at(80)
  // Whether the machine has the memory, a person knows.
  expect(steps).toEqual([])
  expect(commands.join()).toContain(`= ${2 ** 28}`)
  expect(at(40).commands.join()).toContain(`= ${2 ** 29}`)
  expect(at(1).commands.join()).toContain(`= ${2 ** 30}`)
  // 8192 pages, 64 a second; and if that is not enough, nothing is better.
  expect(effect.summary).toContain('128 s')
  expect(effect.aas.high).toBeGreaterThanOrEqual(effect.aas.before)
})
