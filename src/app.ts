// The composition root: the only place that builds adapters and hands them to the core.
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { type Attendance, attend, type Heard, recorder, watch, withTestimony } from './collector/index.ts'
import { diagnose, failureWords } from './diagnosis/index.ts'
import { isMysqlUri, mysqlEngine, mysqlTarget } from './engine/mysql/index.ts'
import { pgbouncer } from './engine/pgbouncer/index.ts'
import {
  followLog,
  openConsole,
  type PostgresTarget,
  postgresEngine,
  postgresTarget,
  readLog,
} from './engine/postgres/index.ts'
import { hostMeter, wallClock } from './host/index.ts'
import { type DrillEvent, type DrillOptions, drill, type Lab, SCENARIOS, startLab } from './lab/index.ts'
import { blocking, holders, slotsByState, timeline } from './load/index.ts'
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
  type Witness,
} from './model/index.ts'
import { act, conclude, plan, verify } from './remedy/index.ts'
import { fileJournal, makeFolder, readBundle, refuseExisting, writeBundle } from './store/index.ts'

export type App = ReturnType<typeof createApp>

export type { DrillEvent, DrillResult, Lab, Scenario } from './lab/index.ts'

export interface EngineOptions {
  vcpus?: number
}

export interface WatchFor {
  /** Without it the watch ends with the signal. */
  seconds?: number
  signal?: AbortSignal
  /** Addresses of this machine to make the connection attempts from, in turn. */
  from?: readonly string[]
}

/** Who else tells of other clients. */
export interface WitnessOptions {
  /** Log of the server: a file, or the folder of them. */
  log?: string
  /** `log_line_prefix` of the server; found out when absent. */
  logPrefix?: string
  /** PgBouncer's admin console. */
  pgbouncer?: string
}

/** Everything the faces can ask for. Building it opens nothing. */
export function createApp(env: NodeJS.ProcessEnv = process.env) {
  const clock = wallClock()

  const observe = observing(clock)
  const diagnoseNow = (evidence: Evidence): Diagnosis => diagnose(evidence, clock.now())
  const planNow = (diagnosis: Diagnosis, evidence: Evidence): Plan => plan(diagnosis, evidence, clock.now())

  return {
    version,
    /** A database by URI, key=value or environment. Throws AppError. */
    engine: (target: string | undefined, options: EngineOptions = {}): Engine =>
      isMysqlUri(target ?? env.DATABASE_URL)
        ? mysqlEngine(mysqlTarget(target, env), options)
        : postgresEngine(postgresTarget(target, env) satisfies PostgresTarget, options),
    observe,
    ...hearing(clock, env),
    diagnose: diagnoseNow,
    plan: planNow,
    timeline: (evidence: Evidence, marks?: Mark[]): Timeline => timeline(evidence, marks),
    failureWords,
    blocking,
    /** The slot ledger of one tick. */
    ledger: (tick: Tick) => ({
      used: slotsUsed(tick) ?? 0,
      byState: slotsByState(tick),
      holders: holders(tick),
    }),
    explainError,
    readBundle,
    makeFolder,
    writeBundle,
    /** Whether a bundle may be written there. Throws AppError `file-exists`. */
    refuseExisting,
    scenarios: SCENARIOS,
    startLab,
    drill: drilling(clock, observe, { diagnose: diagnoseNow, plan: planNow }),
  }
}

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
      watch: (url: string, signal: AbortSignal) =>
        observe(postgresEngine(postgresTarget(url, {})), { signal }),
      act: (advice: Advice, connection: Connection) =>
        act(advice, { connection, journal, clock, run: randomUUID() }),
      verify,
      conclude: (run: Run) => conclude(run, { journal, clock }),
    }
    return drill(lab, parts, options)
  }

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/** What others tell of clients: beside a watch, or of a time that is over. */
function hearing(clock: Clock, env: NodeJS.ProcessEnv) {
  const now = () => clock.now()
  return {
    /** Throws AppError for a log that cannot be read, and for a target that does not parse. */
    async attend(
      { log, logPrefix, pgbouncer: text }: WitnessOptions,
      signal: AbortSignal,
    ): Promise<Attendance> {
      const pooler = text === undefined ? [] : [poolerAt(postgresTarget(text, env), now)]
      const logs = log === undefined ? [] : [await followLog(log, { now, ...prefixOf(logPrefix) })]
      return attend([...logs, ...pooler], clock, signal)
    },
    /** Brings to the evidence what a log tells of its time. Throws AppError `log-unreadable`. */
    async withLog(evidence: Evidence, log: string, logPrefix?: string, signal?: AbortSignal): Promise<Heard> {
      const { from, to, tickMs } = evidence
      const said = await readLog(log, { window: { from, to }, tickMs, ...prefixOf(logPrefix) }, signal)
      return { evidence: withTestimony(evidence, said), notes: said.notes }
    },
  }
}

const prefixOf = (prefix: string | undefined) => (prefix === undefined ? {} : { prefix })

/** The console is a database of this name. */
function poolerAt(target: PostgresTarget, now: () => number): Witness {
  const name = target.name.replace(/[^/]*$/, 'pgbouncer')
  // Not copied: the password is not enumerable.
  const at = Object.assign(target, { database: 'pgbouncer', name })
  return pgbouncer({ name, open: signal => openConsole(at, signal), now })
}

/** What a text or code proves; the facts are loaded when somebody asks. */
async function explainError(text: string) {
  const symptom = await import('./symptom/index.ts')
  const explanations = symptom.explainError(text)
  const nearest = explanations.length > 0 ? [] : symptom.nearestSymptoms(text)
  return { explanations, nearest, readTo: symptom.MAX_TEXT }
}
