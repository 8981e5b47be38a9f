// Applying a plan: one operation after the other, journaled, verified, taken back when it does not help.
export { execute, rollback } from './execute.ts'
export { exportPlan, type Format } from './export/index.ts'
export { type Beginning, historyOf } from './history.ts'
export { chooseFrom, sqlOperations } from './prepare.ts'
export { sqlActor } from './sql.ts'
