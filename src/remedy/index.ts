// What to do: weighed by what it would change, done on purpose, judged by what it did.
export { act, conclude, verify } from './apply.ts'
export { loadFactor } from './headroom.ts'
export { type PlanOptions, plan } from './plan.ts'
export { priceOf } from './price.ts'
export { judgeRecovery, type Recovery } from './recovery.ts'
export { refuseUnknownSettings } from './what-if/index.ts'
