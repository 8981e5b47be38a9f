// What the remedies did, over many trials: rates, and a table of what was predicted and what was measured.
import { quantile, type Rate, rate } from './rate.ts'
import { CLOSE_SHARE, type TreatmentScore } from './treatment.ts'
import type { TrialScore } from './trial.ts'

export interface CureRates {
  /** The load falls, stays or rises as predicted. */
  sign: Rate
  slotsSign: Rate
  /** Predicted load within a quarter of the measured one, or half a session; and where a session or more is left, the former. */
  close: Rate
  within: Rate
  /** Measured load within the interval in which four of five are expected. */
  interval: Rate
  /** Relative error of the predicted load, of the latter. */
  aasError?: number
  /** Of the advised ones that promise it. */
  cured: Rate
  /** Of the useless ones: not advised; and measured not to have helped, and taken back. */
  refused: Rate
  shown: Rate
  /** Trials in which there was nothing to carry out. */
  told: number
}

export const cureRates = (trials: readonly TrialScore[]): CureRates => {
  const all = treatmentsOf(trials).map(({ treatment }) => treatment)
  const forced = all.filter(one => one.forced)
  const errors = all.filter(({ aas }) => aas.measured >= 1).map(one => one.aasError)
  const aasError = quantile(errors, 0.5)
  return {
    sign: rate(all.map(({ sign }) => sign)),
    slotsSign: rate(all.map(({ slotsSign }) => slotsSign)),
    close: rate(all.map(({ close }) => close)),
    within: rate(errors.map(error => error <= CLOSE_SHARE)),
    interval: rate(all.map(({ inInterval }) => inInterval)),
    ...(aasError !== undefined && { aasError }),
    cured: rate(
      all.filter(one => !one.forced && one.promised && one.next === undefined).map(({ cured }) => cured),
    ),
    refused: rate(forced.map(({ refused = false }) => refused)),
    shown: rate(forced.map(({ shown = false }) => shown)),
    told: trials.filter(({ treatment }) => treatment && 'told' in treatment).length,
  }
}

/** Lines of Markdown; none where nothing was carried out. */
export const cureTable = (trials: readonly TrialScore[]): string[] => {
  const told = trials.flatMap(({ scenario, engine, treatment }) =>
    treatment && 'told' in treatment
      ? [`| ${scenario} | ${engine} | told, not applied: ${treatment.told} |`]
      : [],
  )
  const treated = treatmentsOf(trials)
  if (treated.length + told.length === 0) return []
  return [
    '',
    '## What the remedy did',
    '',
    'Carried out when the fault had stood, from the plan that was made of the recording alone, and measured over the second half of',
    'the time it got to show; `before → after (predicted)`. Requests: of the services, failed a second. By hand: the lab did what',
    'the plan tells its operator. *Forced*: the remedy marked as useless.',
    '',
    '| scenario | engine | remedy | by | AAS | slots | failed attempts, % | failed requests | sign | |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...treated.map(({ scenario, engine, treatment }) => {
      const { remedy, by, forced, aas, slots, failures, clients, sign } = treatment
      const cells = [
        ...[scenario, engine, forced ? `*${remedy}, forced*` : remedy, by],
        ...[shift(aas, 1), shift(slots, 0), failures ? shift(percent(failures), 0) : '–'],
        ...[
          `${clients.before.toFixed(1)} → ${clients.after.toFixed(1)}`,
          sign ? '✓' : '✗',
          cameTo(treatment),
        ],
      ]
      return `| ${cells.join(' | ')} |`
    }),
    ...(told.length > 0 ? ['', '| scenario | engine | |', '|---|---|---|', ...told] : []),
  ]
}

const treatmentsOf = (trials: readonly TrialScore[]) =>
  trials.flatMap(({ scenario, engine, treatment }) =>
    treatment && !('told' in treatment)
      ? [treatment, ...(treatment.next ? [treatment.next] : [])].map(one => ({
          scenario,
          engine,
          treatment: one,
        }))
      : [],
  )

const shift = ({ before, measured, predicted }: TreatmentScore['aas'], digits: number): string =>
  `${before.toFixed(digits)} → ${measured.toFixed(digits)} (${predicted.toFixed(digits)})`

const percent = (shares: TreatmentScore['aas']): TreatmentScore['aas'] => ({
  before: 100 * shares.before,
  measured: 100 * shares.measured,
  predicted: 100 * shares.predicted,
})

const cameTo = ({ forced, promised, cured, next, refused, shown }: TreatmentScore): string =>
  forced
    ? `${refused ? 'not advised' : '**advised**'}, ${shown ? 'has not helped, taken back' : '**not shown not to help**'}`
    : next
      ? 'not all of it: see below'
      : cured
        ? 'cured'
        : promised
          ? '**not cured**'
          : 'not cured, as it was said'
