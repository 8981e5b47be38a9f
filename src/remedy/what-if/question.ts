// A setting that can be asked for, and what it changes.
import type { Outage, Price, Step } from '../../model/index.ts'
import type { Change } from '../change.ts'
import type { Scene } from '../situation.ts'
import type { Asked } from './value.ts'

export interface Answer {
  change?: Change
  price?: Price
  outage?: Outage
  steps?: Step[]
  notes?: string[]
  /** It holds for sessions that begin afterwards. */
  forNewSessions?: true
}

export interface Question {
  /** `x.*` for any name behind the dot. */
  names: readonly string[]
  answer(s: Scene, asked: Asked): Answer
}
