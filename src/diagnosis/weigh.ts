// What speaks for and against, and how strongly.
import type { EvidenceItem } from '../model/index.ts'

export const speaksFor = (text: string): EvidenceItem => ({ weight: 'for', text })
export const speaksAgainst = (text: string): EvidenceItem => ({ weight: 'against', text })
export const isMissing = (text: string): EvidenceItem => ({ weight: 'missing', text })

/** Confidence from a strength that has a floor below which it is nothing and a level at which it is certain. */
export const ramp = (value: number, floor: number, full: number): number =>
  Math.min(1, Math.max(0, (value - floor) / (full - floor)))
