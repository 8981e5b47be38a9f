// The door: RDS as a source of evidence that needs no connection to the database. The SDK is loaded when AWS is asked.
export { readPolicy } from './account/policy.ts'
export { type CloudOptions, type Gathered, gather } from './evidence/index.ts'
export { isRdsTarget, rdsTarget } from './target.ts'
