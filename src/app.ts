// The composition root: the only place that builds adapters and hands them to the core.
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { applying } from './applying.ts'
import type { CloudOptions, Descriptions, Gathered, Purpose } from './aws/index.ts'
import { recorder, together, watch, withTestimony } from './collector/index.ts'
import { diagnose, failureWords } from './diagnosis/index.ts'
import { CLOUD_READERS, type EngineOptions, engineAt } from './engines.ts'
import { hearing } from './hearing.ts'
import { hostMeter, wallClock } from './host/index.ts'
import {
  type DrillEvent,
  type DrillOptions,
  drill,
  type Lab,
  laboratory,
  SCENARIOS,
  startLab,
} from './lab/index.ts'
import { blocking, holders, slotsByState, statementLoads, timeline } from './load/index.ts'
import {
  type Advice,
  type Clock,
  type Connection,
  type Diagnosis,
  type Engine,
  type Evidence,
  type Mark,
  type Plan,
  type Run,
  slotsUsed,
  type Tick,
  type Timeline,
  type Watched,
} from './model/index.ts'
import { planning, planningByHand } from './planning.ts'
import {
  act,
  conclude,
  judgeRecovery,
  loadFactor,
  plan,
  refuseUnknownSettings,
  verify,
} from './remedy/index.ts'
import {
  fileJournal,
  makeFolder,
  readBundle,
  readPlan,
  refuseExisting,
  sealPlan,
  writeBundle,
} from './store/index.ts'
import { treating } from './treating.ts'

export type App = ReturnType<typeof createApp>

export type { ApplyOptions, Prepared } from './applying.ts'
export type { EngineOptions } from './engines.ts'
export type { WitnessOptions } from './hearing.ts'
export type {
  CloudScore,
  DrillEvent,
  DrillResult,
  Lab,
  Recording,
  Scenario,
  TrialName,
  TrialScore,
} from './lab/index.ts'

export interface WatchFor {
  /** Without it the watch ends with the signal. */
  seconds?: number
  signal?: AbortSignal
  /** Addresses of this machine to make the connection attempts from, in turn. */
  from?: readonly string[]
}

/** Everything the faces can ask for. Building it opens nothing. */
export function createApp(env: NodeJS.ProcessEnv = process.env) {
  const clock = wallClock()
  const descriptions: Descriptions = new Map()

  const observe = observing(clock)
  const heard = hearing(clock, env)
  const diagnoseNow = (evidence: Evidence): Diagnosis => diagnose(evidence, clock.now())
  const planNow = (diagnosis: Diagnosis, evidence: Evidence): Plan => plan(diagnosis, evidence, clock.now())

  return {
    version,
    /** A database by URI, key=value, secret or environment. Throws AppError. */
    engine: (target: string | undefined, options: EngineOptions = {}): Promise<Engine> =>
      engineAt(target, env, options, descriptions),
    observe,
    /** Whether the target names an RDS database, which AWS can tell of. */
    isCloud: (target: string | undefined): target is string => /^rds:/i.test(target ?? ''),
    /** What AWS tells of it, without a connection to it. Throws AppError. */
    gather: gathering(clock, env, descriptions),
    /** A watch, and what AWS has of the same time, on one clock. */
    together,
    ...cloudAnswers(env, descriptions),
    ...heard,
    /** Plans, done on purpose. */
    applying: { ...applying(clock, env, observe), planByHand: planningByHand(clock, env) },
    diagnose: diagnoseNow,
    plan: planning(clock),
    loadFactor,
    refuseUnknownSettings,
    timeline: (evidence: Evidence, marks?: Mark[]): Timeline => timeline(evidence, marks),
    failureWords,
    blocking,
    statements: statementLoads,
    /** The slot ledger of one tick. */
    ledger: (tick: Tick) => ({
      used: slotsUsed(tick) ?? 0,
      byState: slotsByState(tick),
      holders: holders(tick),
    }),
    explainError,
    readBundle,
    /** A plan as it stands in its file, and out of one. */
    sealPlan,
    readPlan,
    makeFolder,
    writeBundle,
    /** Whether a bundle may be written there. Throws AppError `file-exists`. */
    refuseExisting,
    scenarios: SCENARIOS,
    startLab,
    drill: drilling(clock, observe, { diagnose: diagnoseNow, plan: planNow }),
    /** Many trials, kept and judged. */
    lab: laboratory({
      clock,
      apply: treating(clock),
      isKept: (...what) => judgeRecovery(...what).recoveredAt !== undefined,
      watch: watching(observe),
      attend: heard.attend,
      diagnose: diagnoseNow,
      plan: (diagnosis, evidence, options) => plan(diagnosis, evidence, clock.now(), options),
      writeBundle,
      readBundle,
      makeFolder,
    }),
  }
}

/** What AWS answers beside evidence; its SDK is loaded when somebody asks. */
const cloudAnswers = (env: NodeJS.ProcessEnv, descriptions: Descriptions) => ({
  /** What AWS has to say of how it is set up. Throws AppError. */
  checkup: async (target: string, identity: CloudIdentity, signal?: AbortSignal) =>
    (await import('./aws/index.ts')).checkup(target, identity, env, descriptions, signal),
  /** The RDS databases of a region, all or by tag. Throws AppError. */
  discover: async (tags: readonly string[], identity: CloudIdentity, signal?: AbortSignal) =>
    (await import('./aws/index.ts')).discover(tags, identity, env, signal),
  /** The least IAM policy for what Spillway asks AWS. */
  iamPolicy: async (purpose: Purpose) => (await import('./aws/index.ts')).policyFor(purpose),
})

/** Watches, and keeps what it saw. */
const observing = (clock: Clock) =>
  async function* observe(engine: Engine, { seconds, signal, from }: WatchFor): AsyncGenerator<Watched> {
    const kept = recorder(engine.target, clock.now())
    const options = {
      clock,
      host: hostMeter(),
      ...(seconds === undefined ? {} : { ticks: seconds }),
      ...(signal ? { signal } : {}),
      ...(from ? { from } : {}),
    }
    for await (const observation of watch(engine, options)) {
      kept.add(observation)
      yield { observation, evidence: kept.evidence() }
    }
  }

/** One incident in the lab from beginning to proof; what it does is journaled in the given file. */
const drilling =
  (
    clock: Clock,
    observe: ReturnType<typeof observing>,
    judges: { diagnose(evidence: Evidence): Diagnosis; plan(diagnosis: Diagnosis, evidence: Evidence): Plan },
  ) =>
  (lab: Lab, journalFile: string, options: DrillOptions): AsyncGenerator<DrillEvent> => {
    const journal = fileJournal(journalFile)
    const parts = {
      ...judges,
      clock,
      watch: watching(observe),
      act: (advice: Advice, connection: Connection) =>
        act(advice, { connection, journal, clock, run: randomUUID() }),
      verify,
      conclude: (run: Run) => conclude(run, { journal, clock }),
    }
    return drill(lab, parts, options)
  }

/** A server of the lab, which the user's environment has no say in. */
const watching = (observe: ReturnType<typeof observing>) =>
  async function* (url: string, signal: AbortSignal, vcpus?: number): AsyncGenerator<Watched> {
    yield* observe(await engineAt(url, {}, vcpus === undefined ? {} : { vcpus }), { signal })
  }

type CloudIdentity = Pick<CloudOptions, 'region' | 'profile' | 'roleArn'>

/** What AWS tells of a database, and its log over the API, in one piece of evidence. */
const gathering =
  (clock: Clock, env: NodeJS.ProcessEnv, descriptions: Descriptions) =>
  async (
    target: string,
    options: Omit<CloudOptions, 'now' | 'env' | 'readers' | 'descriptions'>,
    signal?: AbortSignal,
  ): Promise<Gathered> => {
    const { gather, rdsTarget } = await import('./aws/index.ts')
    const asked = { ...options, readers: CLOUD_READERS, descriptions, now: clock.now(), env }
    const { testimony, ...gathered } = await gather(rdsTarget(target), asked, signal)
    if (!testimony) return gathered
    return {
      ...gathered,
      evidence: withTestimony(gathered.evidence, testimony),
      notes: [...gathered.notes, ...testimony.notes],
    }
  }

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/** What a text or code proves; the facts are loaded when somebody asks. */
async function explainError(text: string) {
  const symptom = await import('./symptom/index.ts')
  const explanations = symptom.explainError(text)
  const nearest = explanations.length > 0 ? [] : symptom.nearestSymptoms(text)
  return { explanations, nearest, readTo: symptom.MAX_TEXT }
}
