// What is kept on disk: evidence bundles, and the journal of what was done.
export { readBundle } from './bundle/read.ts'
export { refuseExisting, writeBundle } from './bundle/write.ts'
export { makeFolder } from './folder.ts'
export { fileJournal } from './journal.ts'
export { takeLock, whoami } from './lock.ts'
export { readPlan, sealPlan } from './plan.ts'
export { journalPath, listRuns, lockPath, readRun, stateFolder } from './runs.ts'
