// Everything AWS tells of one database over one stretch of time, as evidence.
import {
  AppError,
  type EngineName,
  type Evidence,
  type Interval,
  type Skipped,
  type Testimony,
} from '../../model/index.ts'
import type { Identity } from '../account/identity.ts'
import { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'
import { type Descriptions, knownDatabase } from '../describe/known.ts'
import { logPieces } from '../describe/log.ts'
import type { RdsTarget } from '../target.ts'
import { askAll, type Question } from './ask.ts'
import { evidenceOf, notesOf, problemOf } from './assemble.ts'
import { Attempts } from './attempt.ts'
import { type Asked, spanOf } from './window.ts'

/** What an engine's own folder can do with what AWS has of it. */
export interface EngineReader {
  /** Takes the literals out of statement text. */
  redact(text: string): string
  /** Reads a server log that comes in pieces. */
  readLog?(
    pieces: AsyncIterable<Uint8Array>,
    options: { prefix?: string; window: Interval; tickMs: number },
  ): Promise<Testimony>
}

export interface CloudOptions extends Identity, Asked {
  /** Address or security group of a client, whose way through the network is to be looked at. */
  client?: string
  /** For each engine that is known; the statements of others stay without text. */
  readers?: Partial<Record<EngineName, EngineReader>>
  /** What was described a moment ago. */
  descriptions?: Descriptions
  /** Epoch milliseconds. */
  now: number
  env: NodeJS.ProcessEnv
}

export interface Gathered {
  evidence: Evidence
  /** What the server's log tells of other clients. */
  testimony?: Testimony
  /** What could not be looked at, and why. */
  skipped: Skipped[]
  notes: string[]
  /** Why nobody can connect, or why nothing could be measured. */
  problem?: AppError
  /** Attempts by action, retries included. */
  calls: Partial<Record<string, number>>
}

/** Throws AppError when the database cannot be found or nobody is logged in to AWS. */
export async function gather(
  target: RdsTarget,
  options: CloudOptions,
  signal?: AbortSignal,
): Promise<Gathered> {
  const span = spanOf(options, options.now)
  const region = target.region ?? options.region
  const account = new Account({ ...options, ...(region === undefined ? {} : { region }) }, options.env)
  const attempts = new Attempts()
  try {
    const { database, gone } = await look(account, target, attempts, options.descriptions, signal)
    const reader = database.engine && options.readers?.[database.engine]
    const question: Question = {
      redact: text => reader?.redact(text) ?? '',
      account,
      database,
      span,
      now: options.now,
      attempts,
      ...(signal ? { signal } : {}),
    }
    const parts = await askAll(question, options.client)
    const testimony = await hear(question, reader, parts.ceilings?.logPrefix)
    const evidence = evidenceOf(nameOf(target, region), region, question, parts)
    if (gone && !hasAny(evidence)) throw gone
    const problem = (gone && goneNow(gone)) ?? problemOf(database, evidence, attempts)
    return {
      evidence,
      ...(testimony ? { testimony } : {}),
      skipped: attempts.skipped,
      notes: notesOf(parts),
      ...(problem ? { problem } : {}),
      calls: account.ledger.counts,
    }
  } finally {
    account.close()
  }
}

/** `gone`: AWS does not know it, but may have metrics and events of one of that name. */
async function look(
  account: Account,
  target: RdsTarget,
  attempts: Attempts,
  descriptions: Descriptions | undefined,
  signal: AbortSignal | undefined,
) {
  try {
    const found = await attempts.try(
      'the instance',
      () => knownDatabase(account, target, descriptions, signal),
      true,
    )
    return { database: found ?? unseen(target.id) }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'instance-unknown') throw error
    return { database: unseen(target.id), gone: error }
  }
}

const goneNow = (error: AppError): AppError =>
  new AppError(
    error.code,
    `${error.message} any more: this is what AWS still has of it`,
    'If it is another one, look at the name and the region; a deleted one is restored from a snapshot.',
    error,
  )

const hasAny = ({ ticks, events }: Evidence): boolean =>
  events.length > 0 || ticks.some(({ signals }) => Object.keys(signals).length > 0)

/** Only of the suspect time: each piece of a log costs the instance. */
async function hear(
  { account, database, span, attempts, signal }: Question,
  reader: EngineReader | undefined,
  prefix: string | undefined,
): Promise<Testimony | undefined> {
  const read = reader?.readLog
  if (!read) return undefined
  const window = span.suspect ?? span.range
  const log = logPieces({ account, database, window, signal }, error =>
    attempts.fail('server log in CloudWatch Logs', error),
  )
  const options = { window, tickMs: span.periodS * 1_000, ...(prefix === undefined ? {} : { prefix }) }
  const said = await attempts.try('server log', () => read(log.pieces, options))
  if (said && !log.whole()) attempts.skip('server log', 'it is long: only its first part was read')
  // Before the suspect time nothing was read, which is not the same as that nothing failed.
  return said && { ...said, complete: said.complete && log.whole() && window === span.range }
}

const nameOf = ({ id }: RdsTarget, region: string | undefined): string =>
  region === undefined ? `rds:${id}` : `rds:${id}@${region}`

/** Metrics can be asked for by the name alone. */
const unseen = (id: string): Database => ({
  id,
  resourceId: '',
  product: 'unknown',
  version: '',
  instanceClass: '',
  status: 'unknown',
  network: { subnetIds: [], securityGroupIds: [], isPublic: false },
  insights: { on: false, retentionDays: 0 },
  storage: { gib: 0, type: 'unknown' },
  pending: {},
  exports: [],
  multiAz: false,
  zones: [],
  replicas: [],
  backupDays: 0,
  takesIam: false,
})
