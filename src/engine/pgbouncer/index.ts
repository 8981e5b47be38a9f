// The door: PgBouncer 1.18 and later, seen through its admin console. Reads only.
export { pgbouncer } from './witness.ts'
