// One tick out of the samples that were taken in it.
import type { Observation, Sample, Signal, Signals } from '../model/index.ts'

type Taken = Pick<Observation, 'tick' | 'limits' | 'failures' | 'statements'>

/** A tick without any sample is a gap. */
export function merge(t: number, samples: readonly Sample[], cpuPct?: number): Taken {
  const last = samples.at(-1)
  if (!last) return { tick: { t, signals: {} } }
  const { sessions, idle, limits } = last
  const signals = samples.length === 1 ? last.signals : merged(samples.map(sample => sample.signals))
  const failures = samples.flatMap(sample => sample.failures ?? [])
  const statements = samples.flatMap(sample => sample.statements ?? [])
  return {
    tick: {
      t,
      signals: cpuPct === undefined ? signals : { ...signals, cpu_pct: cpuPct },
      sessions,
      idle,
      ...(samples.length > 1 && { samples: samples.length }),
    },
    limits,
    ...(failures.length > 0 && { failures: failures.map(failure => ({ t, ...failure })) }),
    ...(statements.length > 0 && { statements: statements.map(statement => ({ t, ...statement })) }),
  }
}

/** Load and rates are of the whole tick: the means of the samples that have them. Of the others the latest counts. */
const isMean = (name: Signal): boolean => /^aas|^lock_waiters$|_per_s$/.test(name)

function merged(all: readonly Signals[]): Signals {
  const signals: Signals = Object.assign({}, ...all)
  for (const name of Object.keys(signals) as Signal[]) {
    if (!isMean(name)) continue
    const values = all.flatMap(one => one[name] ?? [])
    signals[name] = values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return signals
}
