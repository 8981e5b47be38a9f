// The score of many trials.

import type { CloudScore } from './cloud.ts'
import { type CureRates, cureRates } from './cure.ts'
import { quantile, type Rate, rate } from './rate.ts'
import type { TrialScore } from './trial.ts'

const SCORE_SCHEMA = 'spillway/lab-score/v1'

export interface Score {
  schema: typeof SCORE_SCHEMA
  trials: TrialScore[]
  rates: Rates
  /** True cause → what was said → trials. */
  matrix: Record<string, Record<string, number>>
  /** The same trials by what AWS would have shown alone; only where that was asked for. */
  cloud?: Cloud
}

export interface Cloud {
  trials: CloudScore[]
  /** Of those whose cause AWS can show. */
  rates: Rates
  /** Of all with a fault. */
  top1OfAll: Rate
  matrix: Score['matrix']
}

export interface Rates {
  top1: Rate
  top2: Rate
  kind: Rate
  subject: Rate
  /** Of the compound ones. */
  both: Rate
  /** Of the trials in which nothing breaks. */
  healthy: Rate
  /** Of all trials: before the fault, or where there is none. */
  falseAlarms: Rate
  /** Of the trials with a fault: a cause that is not true stood as the root. */
  misled: Rate
  helps: Rate
  harmless: Rate
  /** Milliseconds from the fault to the right verdict, of those that reached it. */
  namedMs: { median?: number; p95?: number; of: number }
  /** The same from the first effect on, a failed connect or no slot left, and from the fault where there was none; 0 for who was before it. */
  afterEffectMs: { median?: number; p95?: number; of: number }
  /** Relative error of the time to exhaustion half-way to it; trials without a forecast count as missing. */
  exhaustion: { median?: number; of: number; missing: number }
  cures: CureRates
}

export const scoreOf = (trials: TrialScore[], shown?: CloudScore[]): Score => ({
  schema: SCORE_SCHEMA,
  trials,
  rates: ratesOf(trials),
  matrix: matrixOf(trials),
  ...(shown && { cloud: cloudOf(shown) }),
})

const cloudOf = (trials: CloudScore[]): Cloud => {
  const seen = trials.filter(({ unseen }) => unseen === undefined)
  return { trials, rates: ratesOf(seen), top1OfAll: ratesOf(trials).top1, matrix: matrixOf(seen) }
}

const matrixOf = (trials: readonly TrialScore[]): Score['matrix'] => {
  const matrix: Score['matrix'] = {}
  for (const { truth, said } of trials) {
    matrix[truth] ??= {}
    matrix[truth][said] = (matrix[truth][said] ?? 0) + 1
  }
  return matrix
}

export const ratesOf = (trials: readonly TrialScore[]): Rates => {
  const ill = trials.filter(({ truth }) => truth !== 'healthy')
  const of = (name: 'kind' | 'subject' | 'both' | 'misled' | 'helps' | 'harmless') =>
    rate(ill.flatMap(trial => trial[name] ?? []))
  const namedMs = ill.flatMap(trial => trial.namedMs ?? [])
  const afterEffectMs = ill.flatMap(({ namedMs, effectMs }) =>
    namedMs === undefined ? [] : Math.max(0, namedMs - (effectMs ?? 0)),
  )
  const forecasts = ill.flatMap(({ exhaustion }) => exhaustion ?? [])
  const errors = forecasts.flatMap(({ error }) => error ?? [])
  return {
    top1: rate(ill.map(({ top1 }) => top1)),
    top2: rate(ill.map(({ top2 }) => top2)),
    kind: of('kind'),
    subject: of('subject'),
    both: of('both'),
    healthy: rate(trials.filter(trial => !ill.includes(trial)).map(({ top1 }) => top1)),
    falseAlarms: rate(trials.map(({ falseAlarm }) => falseAlarm)),
    misled: of('misled'),
    helps: of('helps'),
    harmless: of('harmless'),
    namedMs: spread(namedMs),
    afterEffectMs: spread(afterEffectMs),
    exhaustion: {
      ...middle('median', errors, 0.5),
      of: forecasts.length,
      missing: forecasts.length - errors.length,
    },
    cures: cureRates(trials),
  }
}

const spread = (numbers: number[]) => ({
  ...middle('median', numbers, 0.5),
  ...middle('p95', numbers, 0.95),
  of: numbers.length,
})

const middle = (name: string, numbers: number[], q: number): Record<string, number> => {
  const found = quantile(numbers, q)
  return found === undefined ? {} : { [name]: found }
}
