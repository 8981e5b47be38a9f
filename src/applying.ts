// A part of the composition root: a plan and its target become operations with those who do them, watched meanwhile.
import {
  type Beginning,
  chooseFrom,
  execute,
  exportPlan,
  type Format,
  historyOf,
  rollback,
  sqlActor,
  sqlOperations,
} from './apply/index.ts'
import type { Modified } from './aws/index.ts'
import { type EngineOptions, engineAt } from './engines.ts'
import {
  AppError,
  type Applied,
  type Clock,
  type Connection,
  type Engine,
  type Evidence,
  type Operation,
  type Plan,
  type Watched,
} from './model/index.ts'
import {
  fileJournal,
  journalPath,
  listRuns,
  lockPath,
  readPlan,
  readRun,
  stateFolder,
  takeLock,
  whoami,
} from './store/index.ts'

export interface ApplyOptions extends EngineOptions {
  /** Number of the remedy in the plan, from 1. */
  remedy?: number
  /** How long the database is watched afterwards, seconds. */
  settle?: number
  /** Nobody can connect to it: what AWS says has to do. */
  unwatched?: boolean
}

export interface Prepared {
  plan: Plan & { hash: string }
  beginning: Beginning
  notes: string[]
  /** A run of this plan that did not end: it is gone on with. */
  unfinished?: string
}

export interface Say {
  say(text: string): void
  signal?: AbortSignal
}

type Observe = (engine: Engine, options: { signal?: AbortSignal }) => AsyncIterable<Watched>

const SETTLE_S = 30
/** A plan knows the database of its time. */
const MOST_AGE_MS = 24 * 3_600_000
/** Of a hash, to be sure that it was read. */
const LEAST_HASH = 8
/** Samples to compare with, and how long to wait for them and for a connection, milliseconds. */
const BASELINE_TICKS = 3
const CONNECTED_MS = 30_000

export function applying(clock: Clock, env: NodeJS.ProcessEnv, observe: Observe) {
  const folder = stateFolder(env)
  const parts = { clock, env, observe, folder }
  return {
    /** What applying would do, checked against the database of now; sends nothing. Throws AppError. */
    prepare: (file: string, target: string | undefined, options: ApplyOptions, signal?: AbortSignal) =>
      prepare(parts, file, target, options, signal),
    /** Does it, or goes on with it. Throws AppError; then the run can be gone on with or taken back. */
    async execute(
      prepared: Prepared,
      hash: string,
      target: string | undefined,
      options: ApplyOptions,
      said: Say,
    ): Promise<Applied> {
      const { plan, unfinished, beginning } = prepared
      if (hash.length < LEAST_HASH || !plan.hash.startsWith(hash))
        throw new AppError(
          'plan-edited',
          `the hash ${hash} is not that of this plan`,
          'spillway apply PLAN prints it.',
        )
      const run = unfinished ?? `${plan.hash.slice(0, 12)}-${clock.now()}`
      const entries = unfinished === undefined ? [] : await readRun(folder, unfinished)
      return working(parts, run, beginning, target, options, said, all => execute(beginning, entries, all))
    },
    /** Throws AppError. */
    async rollback(
      run: string,
      target: string | undefined,
      options: ApplyOptions,
      said: Say,
    ): Promise<Applied> {
      const entries = await readRun(folder, run)
      const { beginning } = historyOf(entries)
      const because = `taken back by ${whoami()}`
      return working(parts, run, beginning, target, options, said, all => rollback(entries, because, all))
    },
    /** Runs of this user, newest first. */
    async runs() {
      const found = []
      for (const run of await listRuns(folder)) {
        const { beginning, ended } = historyOf(await readRun(folder, run))
        found.push({ run, target: beginning.target, title: beginning.title, ...(ended ? { ended } : {}) })
      }
      return found
    },
    /** What `--set name=value …` comes to, as the steps of a plan. Throws AppError. */
    async manual(
      target: string,
      settings: Record<string, string>,
      options: EngineOptions,
      signal?: AbortSignal,
    ): Promise<Modified> {
      const { openModify } = await import('./aws/index.ts')
      const modify = openModify(target, options, env)
      try {
        return await modify.manual(settings, { now: clock.now() }, signal)
      } finally {
        modify.close()
      }
    },
    /** The plan as a file of another tool; nothing is sent, but the instance is asked what it takes. Throws AppError. */
    async export(file: string, format: Format, options: ApplyOptions, signal?: AbortSignal): Promise<string> {
      const { plan, beginning } = await prepare(parts, file, undefined, options, signal)
      return exportPlan(beginning.operations, format, { name: plan.target.name, hash: plan.hash })
    },
  }
}

interface Parts {
  clock: Clock
  env: NodeJS.ProcessEnv
  observe: Observe
  folder: string
}

async function prepare(
  parts: Parts,
  file: string,
  target: string | undefined,
  options: ApplyOptions,
  signal?: AbortSignal,
): Promise<Prepared> {
  const { clock, folder } = parts
  const plan = await readPlan(file)
  const unfinished = await unfinishedOf(folder, plan.hash)
  if (unfinished)
    return {
      plan,
      ...unfinished,
      notes: [`run ${unfinished.unfinished} of this plan did not end: it is gone on with`],
    }
  if (clock.now() - plan.createdAt > MOST_AGE_MS)
    throw new AppError('plan-stale', 'the plan is older than a day', 'Make it anew: spillway plan.')
  const { title, steps, promised } = chooseFrom(plan, options.remedy)
  const sql = steps.filter(({ actuator }) => actuator === 'sql')
  const rds = steps.filter(({ actuator }) => actuator === 'rds')
  const instance = instanceOf(plan)
  const operations: Operation[] = []
  const notes: string[] = []
  if (sql.length > 0) {
    const engine = await engineFor(parts, plan.target.name, target ?? instance, options)
    const connection = await engine.connect(signal)
    try {
      operations.push(...(await sqlOperations(sql, connection, signal)))
    } finally {
      await connection.close()
    }
  }
  if (rds.length > 0) {
    const { openModify } = await import('./aws/index.ts')
    if (instance === undefined) throw elsewhere('the plan names no RDS instance')
    const modify = openModify(instance, options, parts.env)
    try {
      const asked = { now: clock.now(), run: plan.hash.slice(0, 12) }
      const modified = await modify.operations(rds, asked, signal)
      const { resourceId } = plan.target.instance ?? {}
      if (resourceId !== undefined && resourceId !== modified.resourceId)
        throw elsewhere(`${instance} is another instance now: ${modified.resourceId}, not ${resourceId}`)
      operations.push(...modified.operations)
      notes.push(...modified.notes)
    } finally {
      modify.close()
    }
  }
  const beginning: Beginning = {
    hash: plan.hash,
    target: plan.target.name,
    ...(instance === undefined ? {} : { instance }),
    who: whoami(),
    title,
    operations,
    ...(promised ? { promised } : {}),
  }
  return { plan, beginning, notes }
}

const instanceOf = ({ target: { instance } }: Plan): string | undefined =>
  instance && `rds:${instance.id}${instance.region === undefined ? '' : `@${instance.region}`}`

const elsewhere = (what: string): AppError =>
  new AppError('plan-elsewhere', what, 'Make a plan for the database that is meant.')

async function unfinishedOf(
  folder: string,
  hash: string,
): Promise<{ unfinished: string; beginning: Beginning } | undefined> {
  for (const run of await listRuns(folder)) {
    if (!run.startsWith(`${hash.slice(0, 12)}-`)) continue
    const { beginning, ended } = historyOf(await readRun(folder, run))
    if (beginning.hash === hash && ended === undefined) return { unfinished: run, beginning }
  }
  return undefined
}

/** The database that the plan is for, and no other. */
async function engineFor(
  { env }: Parts,
  name: string,
  target: string | undefined,
  options: ApplyOptions,
): Promise<Engine> {
  const engine = await engineAt(target, env, options)
  const isSame = engine.target.name === name || /^rds:/i.test(target ?? '')
  if (!isSame) throw elsewhere(`the plan is for ${name}, and this is ${engine.target.name}`)
  return engine
}

type All = Parameters<typeof execute>[2]

/** Locked, journaled, watched. */
async function working(
  parts: Parts,
  run: string,
  { operations, target: name, instance }: Beginning,
  target: string | undefined,
  options: ApplyOptions,
  { say, signal }: Say,
  work: (all: All) => Promise<Applied>,
): Promise<Applied> {
  const { clock, folder } = parts
  const lock = await takeLock(lockPath(folder, instance ?? name), run, clock.now())
  const closing: (() => unknown)[] = [() => lock.release()]
  try {
    const isWatched = !options.unwatched || operations.some(({ by }) => by === 'sql')
    const seen = isWatched
      ? await watched(parts, await engineFor(parts, name, target ?? instance, options), say, signal)
      : undefined
    if (seen) closing.push(() => seen.stop())
    const sql = sqlActor(seen?.connection ?? nobody)
    const modify = operations.some(({ by }) => by === 'rds')
      ? (await import('./aws/index.ts')).openModify(instance ?? '', options, parts.env)
      : undefined
    if (modify) closing.push(() => modify.close())
    return await work({
      // Each operation goes to the one who does its kind.
      actorOf: operation => (operation.by === 'sql' ? sql : modify!.actor) as never,
      journal: fileJournal(journalPath(folder, run)),
      clock,
      run,
      say,
      ...(signal ? { signal } : {}),
      ...(seen
        ? {
            health: { evidence: seen.evidence, settleMs: 1000 * (options.settle ?? SETTLE_S) },
            setting: async (one: string) => (await seen.connection(signal)).setting(one, undefined, signal),
          }
        : {}),
    })
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

const nobody = (): Promise<Connection> =>
  Promise.reject(
    new AppError('plan-impossible', 'nothing is set by SQL without a connection', 'Leave --unwatched away.'),
  )

/** A watch beside the work, with its own held connection for both. Throws AppError where it cannot begin. */
async function watched(
  { observe, clock }: Parts,
  engine: Engine,
  say: (text: string) => void,
  signal?: AbortSignal,
) {
  const end = new AbortController()
  signal?.addEventListener('abort', () => end.abort(), { once: true })
  let latest: Watched | undefined
  let evidence: Evidence | undefined
  const loop = (async () => {
    for await (const seen of observe(engine, { signal: end.signal })) {
      latest = seen
      evidence = seen.evidence
    }
  })()
  const until = async (isSo: () => boolean, abort?: AbortSignal): Promise<void> => {
    const deadline = clock.now() + CONNECTED_MS
    while (!isSo()) {
      abort?.throwIfAborted()
      if (clock.now() >= deadline)
        throw (
          latest?.observation.problem ??
          new AppError(
            'no-answer',
            `${engine.target.name} cannot be watched`,
            'Name a login that can connect.',
          )
        )
      await clock.sleep(100, abort)
    }
  }
  const stop = async () => {
    end.abort()
    await loop.catch(() => undefined)
  }
  try {
    say('watching the database first, to have something to compare with')
    await until(
      () => (evidence?.ticks.filter(({ sessions }) => sessions).length ?? 0) >= BASELINE_TICKS,
      signal,
    )
  } catch (error) {
    await stop()
    throw error
  }
  const isOpen = () => latest?.observation.connection?.closed === false
  return {
    evidence: () => evidence,
    async connection(abort?: AbortSignal): Promise<Connection> {
      await until(isOpen, abort)
      return latest!.observation.connection!
    },
    stop,
  }
}
