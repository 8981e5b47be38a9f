// Causes that only some sources have counters for, and the number that ran out.
import { describe, expect, test } from 'vitest'
import { FAULTS, modelled, ordinary } from '../../../test/kit/database.ts'
import { T0 } from '../../../test/kit/evidence.ts'
import { said, withMore } from '../../../test/kit/failing.ts'
import { type Evidence, SIGNALS, type Signals } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const STYLE = { ticks: 120, tickMs: 1000, signals: SIGNALS, seed: 1 }
const WINDOW = [40, 80] as const
const isIn = (at: number) => at >= WINDOW[0] && at < WINDOW[1]

/** An ordinary service whose calls take longer in the window, with counters of one's own. */
const slowed = (more: (inside: boolean, at: number) => Signals): Evidence => {
  const made = modelled(ordinary, p => ({ ...p, cpu: 1.01 * p.cpu }), WINDOW, STYLE)
  return {
    ...made,
    ticks: made.ticks.map((tick, at) => ({
      ...tick,
      signals: {
        ...tick.signals,
        ...(isIn(at) && { latency_ms: 6 * (tick.signals.latency_ms ?? 5), aas: 4 * (tick.signals.aas ?? 2) }),
        ...more(isIn(at), at),
      },
    })),
  }
}
const first = (e: Evidence) => diagnose(e, T0).findings[0]

test('memory: pages are swapped and nothing is free', () => {
  const e = slowed((inside, at) => ({
    swap_in_per_s: inside ? 4000 + at : 1,
    swap_used_bytes: inside ? 3e9 : 1e8,
    memory_free_bytes: inside ? 5e7 : 2e9 + 1e6 * (at % 7),
    cpu_iowait_pct: inside ? 40 : 5,
  }))
  expect(first(e)?.cause).toBe('memory-pressure')
})

test('a replica that falls behind', () => {
  const made = modelled(ordinary, undefined, WINDOW, STYLE)
  const ticks = made.ticks.map(({ t, signals }, at) => ({
    t,
    signals: {
      ...signals,
      replica_lag_s: isIn(at) ? 30 + at : 0.1,
      latency_ms: (signals.latency_ms ?? 5) * (isIn(at) ? 3 : 1),
    },
  }))
  expect(first({ ...made, ticks })?.cause).toBe('replication-lag')
})

test('latches, by the load alone', () => {
  const e = slowed((inside, at) => ({
    aas_lwlock: inside ? 7 + (at % 3) : 0.1,
    aas: inside ? 10 + (at % 3) : 2.5,
  }))
  expect(first(e)?.cause).toBe('internal-contention')
})

describe('the number that ran out', () => {
  const CREDITS = 'db.t3.medium has used up its CPU credits (0.0 left): 20 % of each vCPU is left'
  const VOLUME = 'the volume does 2990 of the 3000 I/O operations a second that it can do for ever'
  const faulty = (cause: string) => modelled(ordinary, FAULTS[cause], WINDOW, STYLE)
  const events = [said(50, 'catalog', 'balance-gone', CREDITS), said(51, 'catalog', 'limit-reached', VOLUME)]

  test.each([
    ['cpu-starvation', CREDITS],
    ['io-saturation', VOLUME],
  ])('%s quotes its own', (cause, message) => {
    const [plain, quoted] = [first(faulty(cause)), first(withMore(faulty(cause), { events }))]
    expect([plain?.cause, quoted?.cause]).toEqual([cause, cause])
    expect(quoted!.title.endsWith(message)).toBe(true)
    expect(quoted!.evidence.map(({ text }) => text)).toEqual([
      message,
      ...plain!.evidence.map(({ text }) => text),
    ])
  })

  test('one of another time is not quoted', () => {
    const late = [said(10, 'catalog', 'balance-gone', CREDITS)]
    expect(first(withMore(faulty('cpu-starvation'), { events: late }))).toEqual(
      first(faulty('cpu-starvation')),
    )
  })
})
