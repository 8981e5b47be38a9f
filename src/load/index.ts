// Samples turned into load: AAS by any dimension, the slot ledger, blocking trees, the forecast. Pure.
export * from './aas.ts'
export * from './blocking.ts'
export * from './exhaustion.ts'
export * from './ledger.ts'
export * from './number.ts'
export * from './rank.ts'
export * from './segment.ts'
export * from './timeline.ts'
