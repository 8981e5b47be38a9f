// One call that changes something, as data: what, from what, to what. The steps of a plan come to a list of them.
import type { SessionRef, Whose } from './remedy.ts'

/** Settings by name, in the words of whoever keeps them; null is what it is when nobody sets it. */
export type State = Record<string, string | null>

type SqlCall =
  | { kind: 'end-session' | 'cancel-statement'; session: SessionRef }
  /** Of the server, or of somebody's new sessions. The names are those of `before` and `after`. */
  | { kind: 'set'; whose?: Whose }

/** Members of a call that makes something, as AWS names them. */
export type Members = Record<string, string | number | boolean | string[]>

/** `instance` is the identifier of the one that the plan is for; `cluster` that of its cluster, where it is the cluster's. */
export type RdsCall =
  | { kind: 'snapshot'; instance: string; snapshot: string; cluster?: string }
  /** A group of one's own: a copy, or the defaults of its family. */
  | {
      kind: 'create-parameter-group'
      instance: string
      group: string
      family: string
      copyOf?: string
      cluster?: string
    }
  /** `pending`: those of them that wait for a restart. */
  | { kind: 'set-parameters'; instance: string; group: string; pending: string[]; cluster?: string }
  /** Members of ModifyDBInstance; `together`: those that have to be sent with them, as they are. */
  | { kind: 'modify-instance'; instance: string; immediately: boolean; together?: Record<string, string> }
  /** Its parameter group. */
  | { kind: 'modify-cluster'; instance: string; cluster: string; immediately: boolean }
  | { kind: 'restart'; instance: string; cluster?: string }
  /** One rule of a security group: an address with its length, or the id of another group. */
  | { kind: 'ingress'; instance: string; group: string; port: number; source: string }
  /** A read replica, or a reader where there is a cluster. `tag`: which plan made it. */
  | {
      kind: 'create-replica'
      instance: string
      replica: string
      members: Members
      tag: string
      cluster?: string
    }
  | ({ kind: 'create-proxy'; instance: string; proxy: string } & ProxyParts)
  | { kind: 'proxy-pool'; instance: string; proxy: string }
  | { kind: 'proxy-target'; instance: string; proxy: string; cluster?: string }

/** What a proxy is made of. */
interface ProxyParts {
  family: 'POSTGRESQL' | 'MYSQL'
  /** ARNs. */
  role: string
  secret: string
  /** Ids. */
  subnets: string[]
  groups: string[]
  /** Whether clients have to come with it. */
  tls: boolean
  tag: string
}

interface Of<By, Call> {
  by: By
  /** For people. */
  title: string
  call: Call
  before: State
  after: State
  /** What is written to get there, where that is another thing: null takes away what was set. */
  write?: State
  /** Why it cannot be taken back. */
  irreversible?: string
  /** Stays behind when the rest is taken back, and does no harm. */
  stays?: string
  /** What it interrupts. */
  outage?: string
  /** What has to come before it is in effect. */
  waits?: string
}

export type SqlOperation = Of<'sql', SqlCall>
export type RdsOperation = Of<'rds', RdsCall>
export type Operation = SqlOperation | RdsOperation

export interface Look {
  /** Under the names of `after`. A value that is only spelled otherwise is spelled as there. */
  now: State
  /** What would have to be written to have that again. */
  kept: State
}

/** Does the operations of one kind. Every call has a deadline of its own. Throws AppError. */
export interface Actor<O extends Operation> {
  look(operation: O, signal?: AbortSignal): Promise<Look>
  /** Sends it, and resolves when it was taken; once more does no harm. */
  send(operation: O, signal?: AbortSignal): Promise<void>
  /** What it still waits for; undefined when it has come about. */
  waitsFor(operation: O, signal?: AbortSignal): Promise<string | undefined>
  /** What people need to know of it once it is done: where it answers. */
  tells?(operation: O, signal?: AbortSignal): Promise<string | undefined>
}

export const APPLIED_SCHEMA = 'spillway/applied/v1'

export type AppliedOutcome =
  /** In place, and the health gate held. */
  | 'verified'
  /** In place; nothing was measured, because nobody could watch or because it waits for a restart. */
  | 'in-place'
  | 'rolled-back'
  /** Something is left that could not be taken back. */
  | 'rollback-incomplete'

/** What applying a plan, or taking it back, came to. */
export interface Applied {
  schema: typeof APPLIED_SCHEMA
  run: string
  outcome: AppliedOutcome
  /** Why it was taken back. */
  because?: string
  operations: { title: string; state: 'done' | 'not-done' | 'taken-back' | 'left'; reason?: string }[]
}
