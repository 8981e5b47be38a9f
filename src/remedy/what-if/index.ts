// What somebody asks: any settings together, answered by the same model as the remedies.
import { AppError, type Outage, type WhatIf } from '../../model/index.ts'
import { memoryCeiling } from '../ceiling.ts'
import type { Change } from '../change.ts'
import { effectOnly } from '../effect.ts'
import { predict } from '../predict.ts'
import { sumOf } from '../price.ts'
import type { Scene } from '../situation.ts'
import { LIMIT_QUESTIONS } from './limit.ts'
import { MACHINE_QUESTIONS } from './machine.ts'
import type { Answer, Question } from './question.ts'
import { TIMEOUT_QUESTIONS } from './timeout.ts'

/** In the order in which they are answered: what a class brings along comes before what is asked for outright. */
const QUESTIONS: readonly Question[] = [...MACHINE_QUESTIONS, ...LIMIT_QUESTIONS, ...TIMEOUT_QUESTIONS]

const OUTAGES: readonly Outage[] = ['none', 'session', 'restart', 'minutes']

/** `class=db.r6g.2xlarge,max_connections=800,pool.web=6`. Throws AppError `option-invalid`. */
export function whatIf(s: Scene, text: string): WhatIf {
  const asked = settingsOf(text)
  const answers = [...asked]
    .map(([name, value]) => ({ name, value, question: questionOf(name) }))
    .sort((a, b) => QUESTIONS.indexOf(a.question) - QUESTIONS.indexOf(b.question))
    .map(({ name, value, question }) => answerTo(s, question, name, value))
  const change = together(answers.flatMap(({ change }) => change ?? []))
  const effect = predict(s, change, [...asked].map(pair => pair.join(' = ')).join(', '))
  const outage = OUTAGES.findLast(kind => answers.some(answer => answer.outage === kind)) ?? 'none'
  const ceiling = memoryCeiling(s, asked.get('class'))
  const max = Number(asked.get('max_connections'))
  return {
    settings: Object.fromEntries(asked),
    effect: effectOnly(effect),
    price: sumOf(answers.flatMap(({ price }) => price ?? [])),
    outage,
    ...(answers.every(answer => answer.forNewSessions) && { forNewSessions: true as const }),
    notes: [
      ...answers.flatMap(({ notes }) => notes ?? []),
      ...(ceiling !== undefined && max > ceiling
        ? [
            `the memory carries ${ceiling} connections by the reckoning of RDS: ${max} may end as incompatible-parameters`,
          ]
        : []),
      ...(effect.saturated
        ? ['there is more work than can be done: it queues, and takes slots, without end']
        : []),
      ...(effect.connectsRecover ? [] : ['connections would go on failing']),
    ],
    steps: answers.flatMap(({ steps }) => steps ?? []),
  }
}

/** Refuses what cannot be understood without a database, before one is watched. Throws AppError `option-invalid`. */
export function refuseUnknownSettings(text: string): void {
  for (const name of settingsOf(text).keys()) questionOf(name)
}

/** A Map, since a name may be any text. */
function settingsOf(text: string): Map<string, string> {
  const settings = new Map<string, string>()
  for (const part of text.split(',')) {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(\S.*?)\s*$/.exec(part) ?? []
    if (name === undefined || value === undefined)
      throw invalid(`${JSON.stringify(part)} is no setting`, 'Write name=value, more of them with commas.')
    if (settings.has(name)) throw invalid(`${name} is given twice`, 'Give each setting once.')
    settings.set(name, value)
  }
  return settings
}

function questionOf(name: string): Question {
  const question = QUESTIONS.find(({ names }) => names.some(known => matches(known, name)))
  if (question) return question
  throw invalid(
    `${JSON.stringify(name)} is no setting that the model knows`,
    `It knows ${QUESTIONS.flatMap(({ names }) => names).join(', ')}.`,
  )
}

const answerTo = (s: Scene, question: Question, name: string, value: string): Answer =>
  question.answer(s, {
    name,
    value,
    refused: (problem, hint) => invalid(`${name}=${value}: ${problem}`, hint),
  })

/** `pool.*` stands for any pool. */
const matches = (known: string, name: string): boolean =>
  known.endsWith('.*')
    ? name.startsWith(known.slice(0, -1)) && name.length > known.length - 1
    : known === name

const invalid = (problem: string, hint: string): AppError =>
  new AppError('option-invalid', `--what-if: ${problem}`, hint)

/** Several changes as one: factors multiply, slots add up, and of two sizes the later counts. */
function together(changes: readonly Change[]): Change {
  const found: Change = {}
  for (const change of changes) {
    const { relieves, slots, storage, requests, usable, ...rest } = change
    Object.assign(found, rest)
    if (relieves) {
      const others = found.relieves
      found.relieves = tick => {
        const [mine, theirs] = [relieves(tick), others?.(tick)]
        return session => mine(session) || theirs?.(session) === true
      }
    }
    if (slots)
      found.slots = {
        certain: (found.slots?.certain ?? 0) + slots.certain,
        likely: (found.slots?.likely ?? 0) + slots.likely,
      }
    if (storage !== undefined) found.storage = (found.storage ?? 1) * storage
    if (requests !== undefined) found.requests = (found.requests ?? 1) * requests
    if (usable !== undefined) found.usable = usable
  }
  return found
}
