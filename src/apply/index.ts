// Applying a plan: one operation after the other, journaled, verified, taken back when it does not help.
export { alone, companion, type Observe } from './companion.ts'
export { execute, rollback } from './execute.ts'
export { exportPlan, type Format } from './export/index.ts'
export { type Beginning, historyOf } from './history.ts'
export { chooseFrom, sqlOperations } from './prepare.ts'
export { type Journals, listed, refuseUnfinished, unfinishedOf } from './runs.ts'
export { sqlActor } from './sql.ts'
