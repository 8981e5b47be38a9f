// The shapes of the files in zod, held against the model's types. Fields that are not known here are left out: v1 grows.
import { z } from 'zod'
import {
  ENGINES,
  type EvidenceEvent,
  FAILURES,
  type FailureCount,
  type IdleGroup,
  type Instance,
  type Interval,
  type Limits,
  type NativeError,
  PHASES,
  type ProbeResult,
  SESSION_STATES,
  type SessionSample,
  type StatementDelta,
  type Target,
  type Tick,
  WAIT_CLASSES,
} from '../../model/index.ts'
import { parseTime } from './time.ts'

const text = z.string()
const maybeText = text.exactOptional()
const maybeNumber = z.number().exactOptional()
const count = z.int().min(0)

const time = text.transform((value, context) => {
  const t = parseTime(value)
  if (t !== undefined) return t
  context.addIssue({ code: 'custom', message: 'not an ISO 8601 time in UTC like 2026-01-31T12:00:00.000Z' })
  return z.NEVER
})

const instance: z.ZodType<Instance> = z.object({
  id: text,
  resourceId: maybeText,
  region: maybeText,
  product: text,
  multiAz: z.boolean(),
  storage: z.object({
    gib: z.number().min(0),
    type: text,
    iops: maybeNumber,
    mibPerS: maybeNumber,
    maxGib: maybeNumber,
  }),
  parameterGroup: maybeText,
  cluster: z.object({ id: text, readers: count }).exactOptional(),
  replicaOf: maybeText,
  replicas: z.array(text).exactOptional(),
  pending: z.record(text, text),
})

const target: z.ZodType<Target> = z.object({
  name: text,
  engine: z.enum([...ENGINES, 'other']),
  engineVersion: maybeText,
  user: maybeText,
  database: maybeText,
  instanceClass: maybeText,
  vcpus: z.number().positive().exactOptional(),
  memoryBytes: z.number().positive().exactOptional(),
  viaPooler: z.boolean().exactOptional(),
  instance: instance.exactOptional(),
})

const limits: z.ZodType<Limits> = z.object({
  maxConnections: count,
  reserved: z.record(text, count),
  roleLimits: z.record(text, count).exactOptional(),
})

const window: z.ZodType<Interval> = z
  .object({ from: time, to: time })
  .refine(({ from, to }) => from < to, { message: 'not after `from`', path: ['to'] })

export const manifestSchema = z.object({
  target,
  from: time,
  to: time,
  tickMs: z.int().positive(),
  limits: limits.exactOptional(),
  window: window.exactOptional(),
})

const lock: z.ZodType<NonNullable<SessionSample['lock']>> = z.object({
  kind: z.enum(['row', 'relation', 'advisory', 'metadata', 'other']),
  object: maybeText,
  exclusive: z.boolean().exactOptional(),
})

const session: z.ZodType<SessionSample> = z.object({
  id: text,
  state: z.enum(SESSION_STATES),
  waitClass: z.enum(WAIT_CLASSES).exactOptional(),
  waitEvent: maybeText,
  statementId: maybeText,
  statement: maybeText,
  user: maybeText,
  application: maybeText,
  host: maybeText,
  database: maybeText,
  transactionAgeMs: maybeNumber,
  stateAgeMs: maybeNumber,
  startedAt: maybeText,
  blockedBy: z.array(text).exactOptional(),
  lock: lock.exactOptional(),
})

const idleGroup: z.ZodType<IdleGroup> = z.object({
  user: maybeText,
  application: maybeText,
  host: maybeText,
  database: maybeText,
  count,
  oldestStateAgeMs: z.number(),
  unusedCount: count.exactOptional(),
})

/** What sessions.ndjson holds of a tick. */
export const sessionsLine: z.ZodType<Omit<Tick, 'signals'>> = z.object({
  t: time,
  sessions: z.array(session).exactOptional(),
  idle: z.array(idleGroup).exactOptional(),
  samples: z.int().positive().exactOptional(),
  byStatement: z
    .array(z.object({ statementId: text, statement: maybeText, aas: z.number().min(0) }))
    .exactOptional(),
})

export const statementLine: z.ZodType<StatementDelta> = z.object({
  t: time,
  statementId: text,
  statement: maybeText,
  calls: z.number(),
  totalMs: z.number(),
  rows: maybeNumber,
  blocksRead: maybeNumber,
})

const native: z.ZodType<NativeError> = z.object({ code: text, message: text })

export const probeLine: z.ZodType<ProbeResult> = z.object({
  t: time,
  from: maybeText,
  ok: z.boolean(),
  phase: z.enum(PHASES).exactOptional(),
  failure: z.enum(FAILURES).exactOptional(),
  native: native.exactOptional(),
  phaseMs: z.object({
    resolve: maybeNumber,
    connect: maybeNumber,
    tls: maybeNumber,
    authenticate: maybeNumber,
    query: maybeNumber,
  }),
})

export const failureLine: z.ZodType<FailureCount> = z.object({
  t: time,
  source: z.enum(['log', 'counter', 'pooler', 'proxy', 'application']),
  failure: z.enum(FAILURES),
  native: native.exactOptional(),
  host: maybeText,
  user: maybeText,
  application: maybeText,
  database: maybeText,
  count: z.number().min(0),
})

export const eventLine: z.ZodType<EvidenceEvent> = z.object({
  t: time,
  source: text,
  kind: text,
  message: text,
})
