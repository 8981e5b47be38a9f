// A server that goes and comes back: told by what it says, by its log and by the cloud; and why it went, where that is known.
import { describe, expect, test } from 'vitest'
import { evidence, session, T0 } from '../../../test/kit/evidence.ts'
import { failing, said, shutOut, silent, withMore } from '../../../test/kit/failing.ts'
import { calmThen, peace } from '../../../test/kit/incident.ts'
import type { Evidence } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const top = (e: Evidence) => diagnose(e, T0).findings.map(({ cause, kind }) => [cause, kind])
const at = (second: number) => new Date(T0 + second * 1000).toISOString()

/** Down from the tenth second to the twentieth, then back with sessions that were opened at the given second. */
const gone = (openedAt: number) =>
  evidence(30, second => {
    if (second < 10) return { ...peace, sessions: [session('1', { startedAt: at(-100) })] }
    if (second < 20) return silent('connection-refused')
    return { ...peace, sessions: [session('2', { startedAt: at(openedAt) })] }
  })

test('by its own word', () => {
  const e = evidence(
    20,
    calmThen(second => silent(second < 4 ? 'connection-refused' : 'server-starting')),
  )
  const d = diagnose(e, T0)
  expect(d.findings).toMatchObject([{ cause: 'server-restarting', share: { failures: 1 } }])
})

test('by sessions that are all new after nobody listened; old ones prove that it never went', () => {
  expect(top(gone(19))).toEqual([['server-restarting', undefined]])
  expect(top(gone(-100))).toEqual([['network-unreachable', 'refused']])
})

test('by its age, which is known once it lets somebody in again', () => {
  // It is back in the twentieth second; the held connection is tried again two seconds later.
  const e = evidence(30, second => {
    if (second < 10 || second >= 22) return { ...peace, sessions: [session('2')] }
    return second < 20 ? silent('connection-refused') : { gap: true }
  })
  expect(top(e)).toEqual([['network-unreachable', 'refused']])
  const restarted = (second: number) => said(second, 'spillway', 'server-restarted')
  expect(top(withMore(e, { events: [restarted(22)] }))).toEqual([['server-restarting', undefined]])
  expect(top(withMore(e, { events: [restarted(26)] }))).toEqual([['network-unreachable', 'refused']])
})

test.each([
  ['spillway', 'server-restarted', 'the server was started again', undefined],
  ['log', 'server-stopping', 'received fast shutdown request', 'restart'],
  ['log', 'backend-crashed', 'server process was terminated by signal 11', 'crash'],
  ['rds', 'failover', 'Multi-AZ instance failover started', 'failover'],
  ['rds', 'availability', 'DB instance restarted', 'restart'],
  ['rds', 'maintenance', 'The DB instance is offline for maintenance', 'maintenance'],
])('by the %s: %s', (source, kind, message, expected) => {
  const e = withMore(gone(19), { events: [said(11, source, kind, message)] })
  expect(top(e)).toEqual([['server-restarting', expected]])
})

test('what the cloud says outright is an incident without an attempt or a sample of it', () => {
  const e = evidence(20, () => ({ ...peace, probe: false }))
  expect(
    top(
      withMore(e, {
        events: [
          said(9, 'rds', 'failover', 'failover started'),
          said(10, 'rds', 'failover', 'failover completed'),
        ],
      }),
    ),
  ).toEqual([['server-restarting', 'failover']])
  expect(top(withMore(e, { events: [said(9, 'rds', 'backup', 'Backing up DB instance')] }))).toEqual([])
})

describe('why it went', () => {
  test('no space: first in the chain', () => {
    const events = [said(10, 'log', 'storage-full', 'could not write to file: No space left on device')]
    expect(
      top(withMore(gone(19), { events: [...events, said(11, 'log', 'server-stopped')] })).map(
        ([cause]) => cause,
      ),
    ).toEqual(['storage-full', 'server-restarting'])
  })

  test('a backend that the kernel killed', () => {
    const killed = said(10, 'log', 'backend-crashed', 'server process was terminated by signal 9: Killed')
    expect(top(withMore(gone(19), { events: [killed] })).map(([cause]) => cause)).toContain('memory-pressure')
    // Once may have been anybody; again and again is the kernel, and first in the chain.
    const again = [10, 12, 14, 16].map(second => ({ ...killed, t: T0 + second * 1000 }))
    expect(top(withMore(gone(19), { events: again })).map(([cause]) => cause)).toEqual([
      'memory-pressure',
      'server-restarting',
    ])
  })
})

describe('storage and memory', () => {
  test.each([
    [shutOut('query-failed'), '53100', 'storage-full'],
    [shutOut('query-failed'), '1021', 'storage-full'],
    [shutOut('out-of-memory'), '53200', 'memory-pressure'],
  ] as const)('%o with code %s', (tick, code, cause) => {
    const probe = { ...failing('query-failed'), ...(tick.probe || {}), native: { code, message: '' } }
    const e = evidence(
      20,
      calmThen(() => ({ ...tick, probe })),
    )
    expect(top(e)[0]![0]).toBe(cause)
  })

  test('a segment of the log no longer fits', () => {
    const full = (second: number) => ({ ...peace, signals: { storage_free_bytes: second < 9 ? 5e9 : 4e6 } })
    const e = evidence(
      20,
      calmThen(() => ({ ...full(10), probe: failing('unclassified') })),
    )
    expect(top(e).map(([cause]) => cause)).toContain('storage-full')
  })

  test('a disk that is low is not full', () => {
    const low = said(
      12,
      'rds',
      'low-storage',
      'The free storage capacity for DB instance is low at 10% of the allocated storage',
    )
    expect(
      diagnose(
        withMore(
          evidence(20, () => peace),
          { events: [low] },
        ),
        T0,
      ).outcome,
    ).toBe('healthy')
  })
})
