// A part of the composition root: who tells of other clients, beside a watch or of a time that is over.
import { basename } from 'node:path'
import { type Attendance, attend, type Heard, withTestimony } from './collector/index.ts'
import { mysqlReader } from './engine/mysql/index.ts'
import { pgbouncer } from './engine/pgbouncer/index.ts'
import { openConsole, type PostgresTarget, postgresReader } from './engine/postgres/index.ts'
import { postgresAt } from './engines.ts'
import { applicationReader, firstOf, follow, type MakeReader, read } from './log/index.ts'
import type { Clock, Evidence, Witness } from './model/index.ts'

/** Who else tells of other clients. */
export interface WitnessOptions {
  /** Log of the server: a file, or the folder of them. */
  log?: string
  /** `log_line_prefix` of the server; found out when absent. */
  logPrefix?: string
  /** Logs of applications, each `[name=]file`. */
  applicationLog?: string[]
  /** PgBouncer's own log, a file. */
  pgbouncerLog?: string
  /** PgBouncer's admin console. */
  pgbouncer?: string
}

export function hearing(clock: Clock, env: NodeJS.ProcessEnv) {
  const now = () => clock.now()
  return {
    /** Throws AppError for a log that cannot be read, and for a target that does not parse. */
    async attend(options: WitnessOptions, signal: AbortSignal): Promise<Attendance> {
      const { pgbouncer: text } = options
      const pooler = text === undefined ? [] : [poolerAt(await postgresAt(text, env), now)]
      const logs: Witness[] = []
      for (const { path, make } of await logsOf(options)) logs.push(await follow(path, make, now))
      return attend([...logs, ...pooler], clock, signal)
    },
    /** Brings to the evidence what logs tell of its time. Throws AppError `log-unreadable`. */
    async withLogs(evidence: Evidence, options: WitnessOptions, signal?: AbortSignal): Promise<Heard> {
      const { from, to, tickMs } = evidence
      const heard: Heard = { evidence, notes: [] }
      for (const { path, make } of await logsOf(options)) {
        const said = await read(path, make, { window: { from, to }, tickMs }, signal)
        heard.evidence = withTestimony(heard.evidence, said)
        heard.notes.push(...said.notes)
      }
      return heard
    },
  }
}

interface Log {
  path: string
  make: MakeReader
}

async function logsOf({ log, logPrefix, pgbouncerLog, applicationLog = [] }: WitnessOptions): Promise<Log[]> {
  const logs: Log[] = []
  // Whichever server wrote it.
  if (log !== undefined) logs.push({ path: log, make: firstOf([mysqlReader(), postgresReader(logPrefix)]) })
  if (pgbouncerLog !== undefined) logs.push({ path: pgbouncerLog, make: postgresReader() })
  if (applicationLog.length === 0) return logs
  const { failureIn } = await import('./symptom/index.ts')
  for (const named of applicationLog) {
    const [, name, path = named] = /^([^=/]+)=(.+)$/.exec(named) ?? []
    logs.push({ path, make: applicationReader(failureIn, name ?? basename(path).replace(/\..*$/, '')) })
  }
  return logs
}

/** The console is a database of this name. */
function poolerAt(target: PostgresTarget, now: () => number): Witness {
  const name = target.name.replace(/[^/]*$/, 'pgbouncer')
  // Not copied: the password is not enumerable.
  const at = Object.assign(target, { database: 'pgbouncer', name })
  return pgbouncer({ name, open: signal => openConsole(at, signal), now })
}
