// The door: how AWS says who logs in to a database. The SDK is loaded when somebody asks, part by part.
export { iamLogin } from './iam.ts'
export { openSecret, type Secret } from './secret.ts'
