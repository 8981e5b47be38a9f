// A lab as its user sees it: starts the child process, tells it what to do, keeps what it reports.
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openChannel } from './channel.ts'
import type { Injection } from './fault/step.ts'
import type { Started, Witnesses } from './message.ts'
import type { Scenario } from './scenario.ts'
import type { ServiceTraffic } from './traffic.ts'
import type { Order } from './treatment/order.ts'

export interface Lab {
  /** URI of the shop's database for the role of an observer; needs no password. */
  url: string
  /** The same for somebody who may do everything; holds a password. */
  adminUrl: string
  scenario: Scenario
  serverVersion: string
  witness: Witnesses
  /** Breaks the shop. Resolves when the fault has taken hold. */
  injectFault(): Promise<Injection>
  /** Takes the fault back as an operator would; what is gone already is no matter. */
  endFault(): Promise<void>
  /** What a plan tells the operator to do. */
  carryOut(order: Order): Promise<void>
  /** What the services' clients see, not older than half a second. */
  traffic(): ServiceTraffic[]
  /** When a service was refused for want of a slot for the first time after the fault, epoch milliseconds. */
  readonly firstRefusedAt: number | undefined
  /** Ends services and server; nothing stays on disk. Also happens when this process dies. */
  stop(): Promise<void>
}

export interface LabOptions {
  /** Stops the lab, at any time. */
  signal?: AbortSignal
  /** Of arrivals and values. */
  seed?: number
}

const START_MS = 90_000
const COMMAND_MS = 60_000
const STOP_MS = 15_000

/** Throws AppError `binaries-missing` or `server-not-started`, and the signal's reason. */
export const startLab = async (scenario: Scenario, options: LabOptions = {}): Promise<Lab> => {
  const { signal, seed = 1 } = options
  signal?.throwIfAborted()
  // A session of its own, so that Ctrl-C ends nothing before the parent has said so.
  const child = fork(childFile(), [], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    env: withoutLogin(process.env),
  })
  let services: ServiceTraffic[] = []
  let firstRefusedAt: number | undefined
  const channel = openChannel(child, report => {
    if (report.say === 'traffic') services = report.services
    if (report.say === 'refused') firstRefusedAt = report.t
  })
  const stop = () => channel.stop(STOP_MS)
  const stopOnAbort = () => void stop()
  signal?.addEventListener('abort', stopOnAbort, { once: true })
  try {
    const started = (await channel.ask({ do: 'start', scenario, seed }, START_MS)) as Started
    return {
      url: started.url,
      adminUrl: started.adminUrl,
      scenario,
      serverVersion: started.serverVersion,
      witness: started.witness,
      injectFault: async () => (await channel.ask({ do: 'inject-fault' }, COMMAND_MS)) as Injection,
      endFault: async () => void (await channel.ask({ do: 'end-fault' }, COMMAND_MS)),
      carryOut: async order => void (await channel.ask({ do: 'carry-out', order }, COMMAND_MS)),
      traffic: () => services,
      get firstRefusedAt() {
        return firstRefusedAt
      },
      stop: () => {
        signal?.removeEventListener('abort', stopOnAbort)
        return stop()
      },
    }
  } catch (error) {
    await stop()
    signal?.throwIfAborted()
    throw error
  }
}

/** Run from its sources, under a test, the lab starts the child that was built: Node 20 runs no TypeScript. */
const childFile = (): string => {
  const beside = new URL('./child.js', import.meta.url)
  return fileURLToPath(existsSync(beside) ? beside : new URL('../../dist/lab/child.js', import.meta.url))
}

/** Neither PGPASSWORD nor MYSQL_PWD of the user are for the shop. */
const withoutLogin = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(PG|MYSQL|MARIADB)/.test(name)))
