// One sick database: a server, a shop on it with its services at work, and the fault they will suffer.
import { setPriority } from 'node:os'
import { type Application, makeApplication } from './application.ts'
import { type Injection, makeFault } from './fault.ts'
import { startPostgres } from './postgres/server.ts'
import { seededRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import { SHOP_DATABASE, seedShop } from './seed.ts'
import type { ServiceTraffic } from './traffic.ts'

export interface Patient {
  host: string
  port: number
  serverVersion: string
  injectFault(): Promise<Injection>
  endFault(): Promise<void>
  traffic(): ServiceTraffic[]
  /** Ends services and server; nothing stays on disk. */
  stop(): Promise<void>
}

const SERVER_NICENESS = 5

/** Resolves when every pool is warm and requests arrive. `onFailure`: what a client saw, by code. */
export const startPatient = async (
  scenario: Scenario,
  seed: number,
  onFailure: (code: string) => void,
  signal: AbortSignal,
): Promise<Patient> => {
  const server = await startPostgres({ settings: scenario.settings, signal })
  const applications: Application[] = []
  const stopApplications = () => {
    for (const application of applications) application.stop()
  }
  const stop = async () => {
    stopApplications()
    await server.stop()
  }
  signal.addEventListener('abort', stopApplications, { once: true })
  try {
    // Clients on machines of their own would not wait for the server's CPU: here they must not either.
    setPriority(server.pid, SERVER_NICENESS)
    const serverVersion = await seedShop(server.superuserUrl, scenario, signal)
    const { host, port } = server
    const address = { host, port, database: SHOP_DATABASE }
    for (const [i, spec] of scenario.services.entries()) {
      applications.push(makeApplication(spec, address, seededRandom(seed + i), onFailure))
    }
    await Promise.all(applications.map(application => application.start()))
    signal.throwIfAborted()
    const superuserUrl = server.superuserUrl(SHOP_DATABASE)
    const fault = makeFault(scenario.fault, { address, superuserUrl, applications })
    return {
      host,
      port,
      serverVersion,
      injectFault: fault.inject,
      endFault: fault.end,
      traffic: () => applications.map(application => application.traffic()),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
