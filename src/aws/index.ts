// The door: RDS as a source of evidence that needs no connection to the database, and who logs in to one. The SDK is
// loaded when somebody asks, part by part.
export { type Purpose, policyFor } from './account/policy.ts'
export { marketOf } from './catalog/market.ts'
export { checkup } from './checkup.ts'
export type { Descriptions } from './describe/known.ts'
export { discover } from './discover.ts'
export { type RdsEndpoint, rdsEndpoint } from './endpoint.ts'
export { type CloudOptions, type EngineReader, type Gathered, gather } from './evidence/index.ts'
export { iamLogin } from './iam.ts'
export { openModify } from './modify/index.ts'
export { openSecret, type Secret } from './secret.ts'
export { rdsTarget } from './target.ts'
