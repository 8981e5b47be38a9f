// A part of the composition root: a plan and its target become operations with those who do them, watched meanwhile.
import {
  alone,
  type Beginning,
  chooseFrom,
  companion,
  execute,
  exportPlan,
  type Format,
  historyOf,
  type Journals,
  listed,
  type Observe,
  refuseUnfinished,
  rollback,
  sqlActor,
  sqlOperations,
  unfinishedOf,
} from './apply/index.ts'
import { type EngineOptions, engineAt } from './engines.ts'
import {
  AppError,
  type Applied,
  type Clock,
  type Connection,
  type Engine,
  type Operation,
  type Plan,
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
  /** Under which it will be done: a name for what it makes. */
  run: string
  /** It did not end: it is gone on with. */
  unfinished?: true
}

interface Say {
  say(text: string): void
  signal?: AbortSignal
}

const SETTLE_S = 30
/** A plan knows the database of its time. */
const MOST_AGE_MS = 24 * 3_600_000
/** Of a hash, to be sure that it was read. */
const LEAST_HASH = 8

export function applying(clock: Clock, env: NodeJS.ProcessEnv, observe: Observe) {
  const folder = stateFolder(env)
  const journals = { list: () => listRuns(folder), read: (run: string) => readRun(folder, run) }
  const parts = { clock, env, observe, folder, journals }
  return {
    /** What applying would do, checked against the database of now; sends nothing. Throws AppError. */
    prepare: (file: string, target: string | undefined, options: ApplyOptions, signal?: AbortSignal) =>
      prepare(parts, file, target, options, signal),
    ...executing(parts),
    /** Runs of this user, newest first. */
    runs: () => listed(journals),
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
  journals: Journals
}

/** What changes the database. */
function executing(parts: Parts) {
  const { folder, journals } = parts
  return {
    /** Does it, or goes on with it. Throws AppError; then the run can be gone on with or taken back. */
    async execute(
      prepared: Prepared,
      hash: string,
      target: string | undefined,
      options: ApplyOptions,
      said: Say,
    ): Promise<Applied> {
      const { plan, run, unfinished, beginning } = prepared
      if (hash.length < LEAST_HASH || !plan.hash.startsWith(hash))
        throw new AppError(
          'plan-edited',
          `the hash ${hash} is not that of this plan`,
          'spillway apply PLAN prints it.',
        )
      if (!unfinished) await refuseUnfinished(journals, beginning.target)
      const entries = unfinished ? await readRun(folder, run) : []
      return working(parts, run, beginning, { target, options, said, isMeasured: true }, all =>
        execute(beginning, entries, all),
      )
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
      return working(parts, run, beginning, { target, options, said, isMeasured: false }, all =>
        rollback(entries, because, all),
      )
    },
  }
}

async function prepare(
  parts: Parts,
  file: string,
  target: string | undefined,
  options: ApplyOptions,
  signal?: AbortSignal,
): Promise<Prepared> {
  const { clock, journals } = parts
  const plan = await readPlan(file)
  const unfinished = await unfinishedOf(journals, plan.hash)
  if (unfinished) {
    const { run, beginning } = unfinished
    return {
      plan,
      beginning,
      run,
      unfinished: true,
      notes: [`run ${run} of this plan did not end: it is gone on with`],
    }
  }
  if (clock.now() - plan.createdAt > MOST_AGE_MS)
    throw new AppError('plan-stale', 'the plan is older than a day', 'Make it anew: spillway plan.')
  const { title, steps, promised, settings } = chooseFrom(plan, options.remedy)
  const run = `${plan.hash.slice(0, 12)}-${clock.now()}`
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
      const asked = { now: clock.now(), run, who: whoami(), ...(settings ? { settings } : {}) }
      const modified = await modify.operations(rds, asked, signal)
      const { resourceId } = plan.target.instance ?? {}
      if (resourceId !== undefined && resourceId !== modified.target.instance?.resourceId)
        throw elsewhere(`${instance} is another instance now, and not ${resourceId}`)
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
  return { plan, beginning, notes, run }
}

const instanceOf = ({ target: { instance } }: Plan): string | undefined =>
  instance && `rds:${instance.id}${instance.region === undefined ? '' : `@${instance.region}`}`

const elsewhere = (what: string): AppError =>
  new AppError('plan-elsewhere', what, 'Make a plan for the database that is meant.')

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

interface How {
  target: string | undefined
  options: ApplyOptions
  said: Say
  /** Whether the effect is measured; otherwise it is only done. */
  isMeasured: boolean
}

/** Locked, journaled, watched. */
async function working(
  parts: Parts,
  run: string,
  beginning: Beginning,
  { target, options, said, isMeasured }: How,
  work: (all: All) => Promise<Applied>,
): Promise<Applied> {
  const { clock, folder, observe } = parts
  const { operations, target: name, instance } = beginning
  const lock = await takeLock(lockPath(folder, instance ?? name), run, clock.now())
  const closing: (() => unknown)[] = [() => lock.release()]
  try {
    const byRds = operations.some(({ by }) => by === 'rds')
    const connects = !options.unwatched || operations.some(({ by }) => by === 'sql')
    const engine = connects ? await engineFor(parts, name, target ?? instance, options) : undefined
    if (engine && isMeasured) said.say('watching the database first, to have something to compare with')
    const beside =
      engine && (await (isMeasured ? companion(engine, { observe, clock, ...said }) : alone(engine)))
    if (beside) closing.push(() => beside.stop())
    const sql = sqlActor(beside?.connection ?? nobody)
    const modify = byRds
      ? (await import('./aws/index.ts')).openModify(instance ?? '', options, parts.env)
      : undefined
    if (modify) closing.push(() => modify.close())
    const health = isMeasured &&
      beside && {
        health: { evidence: beside.evidence, settleMs: 1000 * (options.settle ?? SETTLE_S) },
        setting: async (one: string) => (await beside.connection(said.signal)).setting(one),
      }
    return await work({
      // Each operation goes to the one who does its kind.
      actorOf: operation => (operation.by === 'sql' ? sql : modify!.actor) as never,
      journal: fileJournal(journalPath(folder, run)),
      clock,
      run,
      ...said,
      ...(health || {}),
    })
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

const nobody = (): Promise<Connection> =>
  Promise.reject(
    new AppError('plan-impossible', 'nothing is set by SQL without a connection', 'Leave --unwatched away.'),
  )
