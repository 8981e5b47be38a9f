// What a remedy is: it weighs itself against a situation and is advised, or not, with the reason.
import type { Advice, NotAdvised, RemedyCode } from '../model/index.ts'
import type { Situation } from './situation.ts'

export interface Remedy {
  code: RemedyCode
  /** Undefined when the question does not arise. */
  weigh(s: Situation): Weighed | undefined
}

export type Weighed = Omit<Advice, 'remedy'> | (Omit<NotAdvised, 'remedy'> & { reason: string })

export const isAdvised = (weighed: Weighed): weighed is Omit<Advice, 'remedy'> => !('reason' in weighed)

export const percent = (share: number): string => `${Math.round(share * 100)} %`

export const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`
