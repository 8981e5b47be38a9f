// The door: what an error of a connection attempt proves, offline. Facts under data/, each with its source.
export { explainError, failureIn, symptomOf } from './explain.ts'
export { nearestSymptoms } from './nearest.ts'
export { MAX_TEXT } from './reading.ts'
