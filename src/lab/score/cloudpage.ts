// The section of the page about what can be told without a login.
import { type CloudScore, STRETCH } from './cloud.ts'
import type { Cloud } from './index.ts'
import { matrixTable, rateText } from './table.ts'

export const cloudSection = ({ trials, rates, top1OfAll, matrix }: Cloud): string[] => {
  const unseen = trials.filter(trial => trial.unseen !== undefined)
  return [
    '## Without a login: by what AWS would have shown',
    '',
    'The same recordings, reduced to what Performance Insights, CloudWatch, the events of RDS and its log would have shown,',
    'and diagnosed again: no session, no attempt of Spillway, load by wait class and the ten busiest statements.',
    `AWS counts by the minute, and a trial takes half of one. So each second stands for ${STRETCH}, one sample a minute where AWS`,
    'has the mean of sixty: ten minutes of calm, twenty of trouble, and more noise than there would be. Rates stay as they were.',
    'What RDS itself reports, a restart or a full volume, is put in from what the lab did. The time of the fault is given, as with',
    '`--since`; false alarms are counted without it.',
    '',
    '| | |',
    '|---|---|',
    `| top-1, where AWS can show the cause | ${rateText(rates.top1)} |`,
    `| top-2 | ${rateText(rates.top2)} |`,
    `| top-1 of all faults | ${rateText(top1OfAll)} |`,
    `| kind | ${rateText(rates.kind)} |`,
    `| nothing wrong, and said so | ${rateText(rates.healthy)} |`,
    `| false alarms in peace (trials) | ${rateText(rates.falseAlarms)} |`,
    '',
    `Not to be seen from there, and left out of the first lines (${unseen.length} trials): ${reasons(unseen)}.`,
    '',
    ...missTable(trials.filter(({ unseen, top1 }) => unseen === undefined && !top1)),
    '',
    ...matrixTable(matrix),
    '',
  ]
}

const reasons = (unseen: CloudScore[]): string =>
  [...new Set(unseen.map(trial => `${trial.truth} (${trial.unseen})`))].join(', ')

const missTable = (missed: CloudScore[]): string[] =>
  missed.length === 0
    ? []
    : [
        '| missed | engine | true cause | said |',
        '|---|---|---|---|',
        ...missed.map(
          ({ scenario, engine, truth, said, findings }) =>
            `| ${scenario} | ${engine} | ${truth} | ${[said, ...findings.slice(1)].join(', ')} |`,
        ),
      ]
