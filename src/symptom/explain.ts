// Text or code → what it proves, what it leaves open, what may cause it and where to look next.
import { ENGINES, type EngineName, type Failure, type NativeError } from '../model/index.ts'
import { ADVICE, type NextStep } from './advice.ts'
import { failureOf } from './failure.ts'
import { type Match, match } from './match.ts'
import { codesOf, read } from './reading.ts'
import { LAYERS, type Layer, type PossibleCause, type Symptom } from './symptom.ts'

export interface Explanation {
  id: string
  /** By what it was recognised. A code alone may be meant otherwise: the wording was not known. */
  matchedBy: Match['by']
  engines: readonly EngineName[]
  emittedBy: string
  layer: Layer
  layerMeans: string
  failure: Failure
  codes: readonly string[]
  sqlstate?: string
  messages: readonly string[]
  provesFine: readonly string[]
  provesFailed: string
  doesNotProve: string
  causes: readonly PossibleCause[]
  next: readonly NextStep[]
  note?: string
  source: string
}

/** Best first; empty when nothing in the text is known. Never throws; reads the first `MAX_TEXT` characters. */
export function explainError(text: string): Explanation[] {
  const reading = read(text)
  return match(reading).map(({ symptom, by }) => explanation(symptom, by, reading.line))
}

/** The common word for an error that a server, a pooler or a driver gave; `unclassified` when it is not known. */
export function symptomOf(code: string, message: string): Failure {
  const reading = read(code === '' ? message : `code: '${code}'\n${message}`)
  for (const { symptom } of match(reading)) {
    const failure = failureOf(symptom, reading.line)
    if (failure !== 'unclassified') return failure
  }
  return 'unclassified'
}

/**
 * What an entry of a log says of a connection that failed; undefined where its words are known of none. Nothing of the text is in the
 * answer but a code that is known: an entry may hold anything.
 */
export function failureIn(text: string): { failure: Failure; native: NativeError } | undefined {
  const reading = read(text)
  const spoken = match(reading).find(({ by, symptom }) => by !== 'code' && symptom.layer !== 'statement')
  if (!spoken) return undefined
  const { symptom } = spoken
  const failure = failureOf(symptom, reading.line)
  if (failure === 'unclassified') return undefined
  const code = codesOf(symptom).find(one => reading.codes.has(one.toUpperCase())) ?? symptom.codes[0] ?? ''
  return { failure, native: { code, message: symptom.messages[0] ?? symptom.failed } }
}

function explanation(symptom: Symptom, by: Match['by'], line: string): Explanation {
  const { id, engines, emittedBy, layer, codes, sqlstate, messages, fine, failed, causes, note, source } =
    symptom
  return {
    id,
    matchedBy: by,
    engines,
    emittedBy,
    layer,
    layerMeans: LAYERS[layer],
    failure: failureOf(symptom, line),
    codes,
    ...(sqlstate === undefined ? {} : { sqlstate }),
    messages,
    provesFine: fine,
    provesFailed: failed,
    doesNotProve: ADVICE[layer].open,
    causes,
    next: nextSteps(symptom),
    ...(note === undefined ? {} : { note }),
    source,
  }
}

function nextSteps({ engines, emittedBy, layer }: Symptom): NextStep[] {
  const { next, nextOn = {} } = ADVICE[layer]
  const pooler: NextStep[] = emittedBy === 'PgBouncer' ? [{ by: 'pooler', text: 'SHOW POOLS' }] : []
  const own = engines.length < ENGINES.length ? engines.flatMap(engine => nextOn[engine] ?? []) : []
  const steps = new Map([...pooler, ...next, ...own].map(step => [step.text, step]))
  return [...steps.values()]
}
