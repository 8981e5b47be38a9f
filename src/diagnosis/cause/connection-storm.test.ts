// Connections without a pool, latches, and a network that makes attempts slow: each apart from what looks like it.
import { describe, expect, test } from 'vitest'
import { evidence, idle, refusedProbe, session, T0, times, waiter } from '../../../test/kit/evidence.ts'
import { failing } from '../../../test/kit/failing.ts'
import { calmThen, peace } from '../../../test/kit/incident.ts'
import type { Evidence, ProbeResult } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const findings = (e: Evidence) => diagnose(e, T0).findings
const opened = (n: number) => ({ commits_per_s: 100, connections_opened_per_s: n })

describe('connection storm', () => {
  const edge = (n: number) => idle(n, { user: 'edge', application: 'edge', oldestStateAgeMs: 60 })
  const storm = (n: number, more = {}) =>
    evidence(30, second =>
      second < 12
        ? { ...peace, signals: opened(1) }
        : { sessions: [session('1')], idle: [idle(10), edge(n)], signals: opened(300), ...more },
    )

  test('fills the slots: who is named, and the refusals are its', () => {
    expect(findings(storm(26, { probe: refusedProbe }))[0]).toMatchObject({
      cause: 'connection-storm',
      subject: { user: 'edge' },
      share: { failures: 1 },
    })
  })

  test('is an incident before the slots are gone', () => {
    expect(findings(storm(12))[0]!.cause).toBe('connection-storm')
  })

  test('sessions at the door', () => {
    const e = evidence(
      20,
      calmThen(() => ({
        sessions: times(24, i => session(`s${i}`, { state: 'starting' })),
        idle: [idle(12)],
        probe: refusedProbe,
      })),
    )
    expect(findings(e)[0]!.cause).toBe('connection-storm')
  })

  test('a deploy that opens its pools once is none, nor is a service that never had a pool', () => {
    const deploy = evidence(30, second => ({
      ...peace,
      signals: opened(second > 12 && second < 17 ? 10 : 1),
    }))
    const always = evidence(30, () => ({ ...peace, signals: opened(80) }))
    expect([deploy, always].map(e => diagnose(e, T0).outcome)).toEqual(['healthy', 'healthy'])
  })
})

describe('internal contention', () => {
  const on = (waitEvent: string, n = 20) =>
    evidence(
      30,
      calmThen(() => ({
        ...peace,
        sessions: times(n, i => session(`${i}`, { waitClass: 'LWLock', waitEvent })),
      })),
    )

  test.each([
    ['LockManager', 'lock-manager'],
    ['lock_manager', 'lock-manager'],
    ['SubtransSLRU', 'slru'],
    ['MultiXactMemberBuffer', 'slru'],
    ['BufferMapping', 'buffer'],
    ['BufferContent', 'buffer'],
    ['ProcArray', 'snapshot'],
  ])('%s is %s', (event, kind) => {
    expect(findings(on(event))[0]).toMatchObject({
      cause: 'internal-contention',
      kind,
      subject: { object: event },
    })
    expect(findings(on(event))[0]!.share.aas).toBeGreaterThan(0.9)
  })

  test('a few are everyday', () => {
    expect(diagnose(on('BufferContent', 2), T0).outcome).toBe('healthy')
  })
})

describe('a degraded network', () => {
  const taking = (connect: number, query: number): ProbeResult => ({
    t: 0,
    ok: true,
    phaseMs: { resolve: 0, connect, authenticate: query, query },
  })
  const late = (probe: ProbeResult, tick = peace) =>
    evidence(
      30,
      calmThen(() => ({ ...tick, probe })),
    )

  test.each([
    ['the first packet comes late', taking(400, 400)],
    ['a packet of the handshake was lost', taking(1003, 2)],
    ['behind a relay only the answers come late', taking(1, 400)],
  ])('%s', (_, probe) => {
    expect(findings(late(probe))).toMatchObject([{ cause: 'network-degraded', kind: 'delay' }])
  })

  test('attempts that get lost while others come through', () => {
    const lossy = evidence(
      30,
      calmThen(second => ({ ...peace, probe: second % 2 ? taking(1, 2) : failing('connect-timeout') })),
    )
    expect(findings(lossy)).toMatchObject([
      { cause: 'network-degraded', kind: 'loss', share: { failures: 1 } },
    ])
  })

  test('samples that come late as well leave gaps', () => {
    const gaps = evidence(30, second =>
      second < 10 ? peace : { ...peace, gap: second % 4 !== 0, probe: taking(1, 400) },
    )
    expect(findings(gaps)).toMatchObject([{ cause: 'network-degraded' }])
  })

  test('a busy host answers late as well, and now and then at once', () => {
    const now = evidence(
      30,
      calmThen(second => ({
        ...peace,
        probe: second % 3 ? taking(1, 210 + 70 * (second % 4)) : taking(1, 2),
      })),
    )
    expect(findings(now).map(({ cause }) => cause)).not.toContain('network-degraded')
  })

  test('what is lost comes after a timeout or several, the rest at once', () => {
    const lossy = evidence(
      30,
      calmThen(second => ({ ...peace, probe: taking(1, [2, 203, 603, 2, 1402][second % 5]!) })),
    )
    expect(findings(lossy).map(({ cause }) => cause)).toEqual(['network-degraded'])
  })

  test('a server that is slow itself is not the network', () => {
    const busy = {
      ...peace,
      sessions: times(12, i => session(`${i}`)),
      signals: { ...peace.signals, cpu_pct: 99 },
    }
    expect(findings(late(taking(1, 400), busy)).map(({ cause }) => cause)).not.toContain('network-degraded')
  })

  test('locks that are held for longer by it follow from it', () => {
    const held = {
      ...peace,
      sessions: times(7, i =>
        i === 0 ? session('h', { state: 'idle in transaction' }) : waiter(`${i}`, ['h']),
      ),
    }
    expect(findings(late(taking(1, 400), held))[0]!.cause).toBe('network-degraded')
  })

  test('one slow attempt is a blip', () => {
    const blip = evidence(30, second => ({ ...peace, ...(second === 15 ? { probe: taking(900, 900) } : {}) }))
    expect(diagnose(blip, T0).outcome).toBe('healthy')
  })
})
