// Applying a plan: one operation after the other, journaled, verified, taken back when it does not help.
export { execute, rollback } from './execute.ts'
export { type Beginning, historyOf } from './history.ts'
export { sqlActor } from './sql.ts'
