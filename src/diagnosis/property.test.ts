// What must hold for any evidence: the order of keys, the unit of a load and a missing signal do not turn an answer around.
import { expect, test } from 'vitest'
import { FAULTS, modelled, ordinary } from '../../test/kit/database.ts'
import { T0 } from '../../test/kit/evidence.ts'
import { forSeeds } from '../../test/kit/property.ts'
import { type Evidence, SIGNALS, type Signal, type Signals } from '../model/index.ts'
import { diagnose } from './index.ts'

const STYLE = { ticks: 80, tickMs: 1000, signals: SIGNALS as readonly Signal[], seed: 3 }
const causes = Object.keys(FAULTS)
const pick = (random: () => number): string => causes[Math.floor(random() * causes.length)]!
const incident = (cause: string, seed = 3) => modelled(ordinary, FAULTS[cause], [30, 55], { ...STYLE, seed })

const withSignals = (
  made: Evidence,
  change: (entries: [Signal, number][]) => [Signal, number][],
): Evidence => ({
  ...made,
  ticks: made.ticks.map(tick => ({
    ...tick,
    signals: Object.fromEntries(change(Object.entries(tick.signals) as [Signal, number][])) as Signals,
  })),
})

test('the order of keys does not matter', () => {
  forSeeds(5, random => {
    const made = incident(pick(random))
    const mixed = withSignals(made, entries => {
      const drawn = entries.map(entry => ({ entry, at: random() }))
      return drawn.sort((a, b) => a.at - b.at).map(({ entry }) => entry)
    })
    expect(diagnose(mixed, T0)).toEqual(diagnose(made, T0))
  })
})

/** Rates and levels, but neither shares nor numbers of sessions. */
const SCALED = SIGNALS.filter(name => name.endsWith('_per_s'))

test('a thousand times the throughput is the same incident', () => {
  for (const cause of causes) {
    const made = incident(cause)
    const larger = withSignals(made, entries =>
      entries.map(([name, value]) => [name, SCALED.includes(name) ? 1000 * value : value]),
    )
    const brief = ({ outcome, incident: found, findings }: ReturnType<typeof diagnose>) => [
      outcome,
      found,
      findings.map(finding => finding.cause),
    ]
    expect(brief(diagnose(larger, T0))).toEqual(brief(diagnose(made, T0)))
  }
})

test('any signals may be missing: an answer within bounds, or an honest none', () => {
  forSeeds(15, random => {
    const keep = random()
    const kept = new Set(SIGNALS.filter(() => random() < keep))
    const made = withSignals(incident(pick(random)), entries => entries.filter(([name]) => kept.has(name)))
    const { outcome, findings, incident: found } = diagnose(made, T0)
    expect(['healthy', 'diagnosed', 'unknown', 'insufficient-data']).toContain(outcome)
    expect(findings.length > 0).toBe(outcome === 'diagnosed')
    for (const { confidence, share } of findings) {
      for (const part of [confidence, share.aas, share.slots]) {
        expect(part).toBeGreaterThanOrEqual(0)
        expect(part).toBeLessThanOrEqual(1)
      }
    }
    if (found) {
      expect(found.from).toBeGreaterThanOrEqual(made.from)
      expect(found.to).toBeLessThanOrEqual(made.to)
      expect(found.to).toBeGreaterThan(found.from)
    }
  })
})

test('gaps anywhere never throw', () => {
  forSeeds(6, random => {
    const made = incident(pick(random))
    const ticks = made.ticks.map(tick => (random() < 0.3 ? { t: tick.t, signals: {} } : tick))
    expect(() => diagnose({ ...made, ticks }, T0)).not.toThrow()
  })
})

test('no ticks to compare with: insufficient data', () => {
  const made = incident('load-surge')
  const whole = { from: made.from, to: made.to }
  expect(diagnose({ ...made, window: whole }, T0).outcome).toBe('insufficient-data')
  expect(diagnose({ ...made, ticks: made.ticks.slice(0, 4) }, T0).outcome).toBe('insufficient-data')
  expect(diagnose({ ...made, ticks: [] }, T0).outcome).toBe('insufficient-data')
})
