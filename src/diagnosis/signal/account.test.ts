// Faults of a modelled database, seen through what different sources measure. The model knows nothing of the rules.
import { describe, expect, test } from 'vitest'
import { FAULTS, modelled, ordinary, type Parameters } from '../../../test/kit/database.ts'
import { T0 } from '../../../test/kit/evidence.ts'
import { SIGNALS, type Signal } from '../../model/index.ts'
import { diagnose } from '../index.ts'

const MACHINES: Record<string, Parameters> = {
  ordinary,
  small: { ...ordinary, clients: 12, cores: 2, disks: 1 },
  saturated: { ...ordinary, clients: 300, think: 10 },
}

const SECONDS = { ticks: 120, tickMs: 1000, signals: SIGNALS as readonly Signal[], seed: 1 }
const WINDOW = [40, 80] as const

/** What a statistics collector of PostgreSQL has: no latency, no network, no disk of the host. */
const POSTGRES: readonly Signal[] = [
  ...(['aas', 'aas_cpu', 'aas_io', 'aas_lock', 'aas_commit', 'connections', 'commits_per_s'] as const),
  ...(['rows_read_scan_per_s', 'rows_inserted_per_s', 'rows_changed_per_s', 'log_bytes_per_s'] as const),
  ...(['buffer_reads_per_s', 'buffer_misses_per_s', 'pages_flushed_per_s', 'cpu_pct'] as const),
]

const first = (machine: Parameters, cause: string, style = {}, window: readonly [number, number] = WINDOW) =>
  diagnose(modelled(machine, FAULTS[cause], window, { ...SECONDS, ...style }), T0)

describe.each(Object.entries(MACHINES))('%s', (_, machine) => {
  test.each(Object.keys(FAULTS))('%s', cause => {
    const { outcome, findings, incident } = first(machine, cause)
    expect([outcome, findings[0]?.cause]).toEqual(['diagnosed', cause])
    expect(Math.abs((incident!.from - T0) / 1000 - WINDOW[0])).toBeLessThanOrEqual(2)
    expect(Math.abs((incident!.to - T0) / 1000 - WINDOW[1])).toBeLessThanOrEqual(2)
  })
})

// Nobody sees from inside that clients wait outside; a dump and a large report differ by what is sent.
test.each(Object.keys(FAULTS).filter(cause => !['network-degraded', 'backup'].includes(cause)))(
  'by what PostgreSQL counts: %s',
  cause => {
    expect(first(ordinary, cause, { signals: POSTGRES }).findings[0]?.cause).toBe(cause)
  },
)

test.each([
  ['every five seconds', { ticks: 30, tickMs: 5_000 }, [10, 22]],
  ['every minute', { ticks: 240, tickMs: 60_000 }, [100, 130]],
  ['while it lasts', { ticks: 90 }, [60, 90]],
] as const)('%s', (_, style, window) => {
  for (const cause of Object.keys(FAULTS)) {
    const { findings, incident } = first(ordinary, cause, style, window)
    expect([cause, findings[0]?.cause]).toEqual([cause, cause])
    expect(incident!.ongoing).toBe(window[1] === style.ticks)
  }
})

test('an hour of a day', () => {
  for (const cause of ['load-surge', 'io-saturation', 'lock-contention']) {
    const { findings, incident } = first(ordinary, cause, { ticks: 1440, tickMs: 60_000 }, [200, 260])
    expect([cause, findings[0]?.cause]).toEqual([cause, cause])
    expect(Math.abs((incident!.from - T0) / 60_000 - 200)).toBeLessThanOrEqual(10)
    expect(Math.abs((incident!.to - T0) / 60_000 - 260)).toBeLessThanOrEqual(10)
  }
})

test('a quiet model is healthy, on whatever machine', () => {
  for (const machine of Object.values(MACHINES)) {
    for (let seed = 1; seed <= 5; seed++) {
      const calm = modelled(machine, undefined, WINDOW, { ...SECONDS, seed })
      const { outcome, findings } = diagnose(calm, T0)
      expect([seed, outcome, findings]).toEqual([seed, 'healthy', []])
    }
  }
})

test('fewer clients are no incident: nobody waits', () => {
  const quiet = (p: Parameters) => ({ ...p, clients: p.clients / 3 })
  const { outcome } = diagnose(modelled(ordinary, quiet, WINDOW, SECONDS), T0)
  expect(outcome).toBe('healthy')
})

test('a marked window is taken at its word, and compared with what is outside of it', () => {
  const made = modelled(ordinary, FAULTS['cpu-starvation'], WINDOW, SECONDS)
  const window = { from: T0 + 45_000, to: T0 + 75_000 }
  const { findings, incident } = diagnose({ ...made, window }, T0)
  expect([findings[0]?.cause, incident?.from, incident?.to]).toEqual([
    'cpu-starvation',
    window.from,
    window.to,
  ])
})

test('what was not measured is listed as not checked', () => {
  const { findings, skipped } = first(ordinary, 'load-surge', { signals: ['aas', 'commits_per_s'] })
  expect(findings[0]?.cause ?? 'load-surge').toBe('load-surge')
  expect(skipped.map(({ check }) => check)).toContain('write-amplification')
})
