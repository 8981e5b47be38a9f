// For a text that is not known: the symptoms that share most of their words with it.
import { SYMPTOMS } from './data/index.ts'
import { read } from './reading.ts'
import type { Symptom } from './symptom.ts'

export interface Candidate {
  id: string
  emittedBy: string
  message: string
}

const MAX_CANDIDATES = 3
/** Of the weight of all known words of both, how much they must share. */
const LEAST_SHARED = 0.4
/** One word at least must be in less than a tenth of the messages. */
const TELLING = Math.log(10)

/** Nearest first; often empty. */
export function nearestSymptoms(text: string): Candidate[] {
  const given = new Set(wordsOf(read(text).line))
  return SYMPTOMS.flatMap(symptom => nearestMessage(symptom, given))
    .sort((a, b) => b.share - a.share)
    .slice(0, MAX_CANDIDATES)
    .map(({ id, emittedBy, message }) => ({ id, emittedBy, message }))
}

function nearestMessage({ id, emittedBy, messages }: Symptom, given: ReadonlySet<string>) {
  return messages
    .map(message => {
      const words = wordsOf(message)
      const shared = words.filter(word => given.has(word))
      const most = Math.max(0, ...shared.map(tells))
      const all = new Set([...words, ...[...given].filter(word => USES.has(word))])
      return { id, emittedBy, message, share: most < TELLING ? 0 : weight(shared) / weight([...all]) }
    })
    .filter(({ share }) => share >= LEAST_SHARED)
    .sort((a, b) => b.share - a.share)
    .slice(0, 1)
}

const wordsOf = (text: string): string[] => {
  const words = text.replace(/<[a-z]{1,20}>/g, ' ').match(/\p{L}{3,64}/gu) ?? []
  return [...new Set(words.map(word => word.toLowerCase().slice(0, STEM)))]
}

/** Letters that count of a word: `connection` and `connections` are one. */
const STEM = 6

/** In how many messages a word stands. */
const USES = new Map<string, number>()
const MESSAGES = SYMPTOMS.flatMap(({ messages }) => messages).length
for (const { messages } of SYMPTOMS) {
  for (const word of messages.flatMap(wordsOf)) USES.set(word, (USES.get(word) ?? 0) + 1)
}

/** What a word tells: the fewer messages have it, the more. */
const tells = (word: string): number => Math.log(MESSAGES / (USES.get(word) ?? 1))

const weight = (words: string[]): number => words.reduce((sum, word) => sum + tells(word), 0)
