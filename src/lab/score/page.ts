// The score as a page of Markdown.

import { cloudSection } from './cloudpage.ts'
import { cureTable } from './cure.ts'
import { type Rates, ratesOf, type Score } from './index.ts'
import { quantile } from './rate.ts'
import { matrixTable, percent, rateText } from './table.ts'
import type { TrialScore } from './trial.ts'

/** `command`: what reproduces the numbers. */
export const scorePage = ({ trials, rates, matrix, cloud }: Score, command: string): string =>
  [
    '# What the lab says of the diagnosis',
    '',
    'A trial starts a real server with five services that use it through real drivers and pools, lets them work in peace',
    'for ten seconds, breaks one thing, and watches for twenty seconds more, once a second, as it would watch anybody. The',
    'diagnosis gets nothing but what was recorded; only the score knows the truth. `spillway lab list` says what there is,',
    '`spillway lab run NAME --engine mysql` runs one of them. This page is written by `spillway lab score --page FILE`; the',
    'trials are run again by',
    '',
    `    ${command}`,
    '',
    `${trials.length} trials: ${countsOf(trials)}. In brackets Wilson's 95 % interval.`,
    '',
    ...ratesTable(rates),
    '',
    'A root counts when it stands in two verdicts in a row. Subject: the session that was injected, or the statement, role or',
    'application of the fault.',
    '',
    '## By scenario',
    '',
    ...scenarioTable(trials),
    ...cureTable(trials),
    '',
    '## True cause against what was named',
    '',
    ...matrixTable(matrix),
    '',
    ...(cloud ? cloudSection(cloud) : []),
  ].join('\n')

const countsOf = (trials: TrialScore[]): string => {
  const count = (of: (trial: TrialScore) => unknown) => new Set(trials.map(of)).size
  return (
    `${count(({ scenario }) => scenario)} scenarios, engines ${versions(trials)}, ` +
    `${count(({ seed }) => seed)} seed(s), ${count(({ intensity }) => intensity)} intensity(ies)`
  )
}

const versions = (trials: TrialScore[]): string =>
  [...new Set(trials.map(({ engine, serverVersion }) => `${engine} ${serverVersion.split(/[ -]/)[0]}`))].join(
    ', ',
  )

const ratesTable = (rates: Rates): string[] => {
  const row = (what: string, of: (rates: Rates) => string) => `| ${what} | ${of(rates)} |`
  return [
    '| | |',
    '|---|---|',
    row('top-1', ({ top1 }) => rateText(top1)),
    row('top-2', ({ top2 }) => rateText(top2)),
    row('kind', ({ kind }) => rateText(kind)),
    row('subject', ({ subject }) => rateText(subject)),
    row('both faults of a compound', ({ both }) => rateText(both)),
    row('nothing wrong, and said so', ({ healthy }) => rateText(healthy)),
    row('false alarms in peace (trials)', ({ falseAlarms }) => rateText(falseAlarms)),
    row('a wrong cause stood as the root', ({ misled }) => rateText(misled)),
    row('the remedy that helps is advised', ({ helps }) => rateText(helps)),
    row('the remedy that does not is not', ({ harmless }) => rateText(harmless)),
    row(
      'fault to right verdict, median / p95',
      ({ namedMs }) => `${seconds(namedMs.median)} / ${seconds(namedMs.p95)}`,
    ),
    row(
      'first failed connect or last slot (else fault) to right verdict, median / p95',
      ({ afterEffectMs }) => `${seconds(afterEffectMs.median)} / ${seconds(afterEffectMs.p95)}`,
    ),
    row(
      'error of time to exhaustion, median',
      ({ exhaustion: { median, of, missing } }) =>
        `${percent(median)} of ${of}, ${missing} without a forecast`,
    ),
    ...cureRows(rates.cures),
  ]
}

const cureRows = ({
  sign,
  slotsSign,
  close,
  within,
  interval,
  cured,
  refused,
  shown,
  aasError,
}: Rates['cures']): string[] =>
  sign.of === 0
    ? []
    : [
        `| load, slots change in the direction that the what-if said | ${rateText(sign)}, ${rateText(slotsSign)} |`,
        `| load predicted within 25 %, or half a session | ${rateText(close)} |`,
        `| … within 25 %, where a session or more is left; median error | ${rateText(within)}; ${percent(aasError)} |`,
        `| … in the interval given for four of five | ${rateText(interval)} |`,
        `| the advised remedy, carried out, cured | ${rateText(cured)} |`,
        `| the useless one is refused as advice | ${rateText(refused)} |`,
        `| … forced, was shown not to have helped, and taken back | ${rateText(shown)} |`,
      ]

const scenarioTable = (trials: TrialScore[]): string[] => {
  const names = [...new Set(trials.map(({ scenario, engine }) => `${scenario}|${engine}`))]
  return [
    '| scenario | engine | true cause | top-1 | top-2 | subject | named after | said instead |',
    '|---|---|---|---|---|---|---|---|',
    ...names.map(name => {
      const own = trials.filter(({ scenario, engine }) => `${scenario}|${engine}` === name)
      const [{ scenario, engine, truth }] = own as [TrialScore]
      const { top2, subject } = ratesOf(own)
      const right = own.filter(({ top1 }) => top1).length
      const instead = [...new Set(own.filter(({ top1 }) => !top1).map(({ said }) => said))].join(', ')
      const after = seconds(
        quantile(
          own.flatMap(({ namedMs }) => namedMs ?? []),
          0.5,
        ),
      )
      const share = (hits: number, of: number) => (of === 0 ? '' : `${hits}/${of}`)
      return `| ${scenario} | ${engine} | ${truth} | ${share(right, own.length)} | ${share(top2.hits, top2.of)} | ${share(subject.hits, subject.of)} | ${after} | ${instead} |`
    }),
  ]
}

const seconds = (ms: number | undefined): string => (ms === undefined ? '–' : `${(ms / 1000).toFixed(1)} s`)
