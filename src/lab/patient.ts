// One sick database: a server, a shop on it with its services at work, and the fault they will suffer.
import { setPriority } from 'node:os'
import type { EngineName } from '../model/index.ts'
import { type Application, makeApplication } from './application.ts'
import { type Cage, encage } from './cage.ts'
import { type Complaints, openComplaints } from './complaints.ts'
import { restrictTo } from './cores.ts'
import { type LabEngine, type LabPooler, type LabServer, SHOP_DATABASE } from './engine.ts'
import { makeFault } from './fault/index.ts'
import type { Injection } from './fault/step.ts'
import { makeHand } from './hand.ts'
import type { Witnesses } from './message.ts'
import { mariadb, mysql } from './mysql/index.ts'
import { postgres } from './postgres/index.ts'
import { seededRandom } from './random.ts'
import { openRelay, type Relay } from './relay.ts'
import type { Scenario } from './scenario.ts'
import type { ServiceTraffic } from './traffic.ts'
import type { Order } from './treatment/order.ts'

export interface Patient {
  /** For the observer. */
  url: string
  adminUrl: string
  serverVersion: string
  witness: Witnesses
  injectFault(): Promise<Injection>
  endFault(): Promise<void>
  carryOut(order: Order): Promise<void>
  traffic(): ServiceTraffic[]
  /** Ends services and server; nothing stays on disk. */
  stop(): Promise<void>
}

const LAB_ENGINES: Record<EngineName, LabEngine> = { postgres, mysql, mariadb }
const SERVER_NICENESS = 5

/** Resolves when every pool is warm and requests arrive. `onFailure`: what a client saw, by code. */
export const startPatient = async (
  scenario: Scenario,
  seed: number,
  onFailure: (code: string) => void,
  signal: AbortSignal,
): Promise<Patient> => {
  const engine = LAB_ENGINES[scenario.engine]
  const server = await engine.start(scenario, signal)
  const applications: Application[] = []
  const relay =
    scenario.relay &&
    (await openRelay(server.port, { random: seededRandom(seed - 1), gateway: scenario.relay === 'gateway' }))
  let pooler: LabPooler | undefined
  let cage: Cage | undefined
  let complaints: Complaints | undefined
  const stopApplications = () => {
    for (const application of applications) application.stop()
  }
  const stop = async () => {
    stopApplications()
    await relay?.close()
    await pooler?.stop()
    cage?.open()
    await server.stop()
    await cage?.remove()
    await complaints?.remove()
  }
  signal.addEventListener('abort', stopApplications, { once: true })
  try {
    // Clients on machines of their own would not wait for the server's CPU: here they must not either.
    prefer(server.pid, scenario.niceness ?? SERVER_NICENESS)
    if (scenario.cores !== undefined) await restrictTo(scenario.cores, server.pid)
    const serverVersion = await engine.seed(server, scenario, signal)
    const [seen, used] = portsOf(scenario, server, relay)
    if (scenario.limits) {
      cage = encage(server)
      cage.limit(scenario.limits)
    }
    if (scenario.pooler) pooler = await engine.startPooler?.(server, scenario)
    if (scenario.hearsServices) complaints = await openComplaints(scenario.hearsServices)
    const address = { host: server.host, port: pooler?.port ?? used, database: SHOP_DATABASE }
    for (const [i, spec] of scenario.services.entries()) {
      const complain = complaints?.of(spec.name)
      applications.push(
        makeApplication(spec, engine, address, seededRandom(seed + i), (code, error) => {
          complain?.(error)
          onFailure(code)
        }),
      )
    }
    await Promise.all(applications.map(application => application.start()))
    signal.throwIfAborted()
    const beside = { ...(relay && { relay }), ...(pooler && { pooler }), ...(cage && { cage }) }
    const shop = { engine, server, address, applications, ...beside }
    const fault = makeFault(scenario.fault, shop)
    const hand = makeHand(scenario, shop, fault)
    return {
      url: `${engine.observerUrl({ ...address, port: seen })}${scenario.observer ? `?${scenario.observer}` : ''}`,
      adminUrl: server.adminUrl(SHOP_DATABASE),
      serverVersion,
      witness: {
        ...(scenario.hearsLog && server.logFile !== undefined && { log: server.logFile }),
        ...(complaints && { applicationLog: complaints.logs }),
        ...(pooler && { pgbouncer: pooler.consoleUrl }),
      },
      injectFault: fault.inject,
      endFault: fault.end,
      carryOut: hand.carryOut,
      traffic: () => applications.map(application => application.traffic()),
      stop: async () => {
        fault.abandon()
        stopApplications()
        await hand.stop()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Only root may put somebody before all others. */
const prefer = (pid: number, niceness: number): void => {
  try {
    setPriority(pid, niceness)
  } catch {
    setPriority(pid, Math.max(0, niceness))
  }
}

/** Through which ports the observer and the services come. */
const portsOf = (scenario: Scenario, server: LabServer, relay: Relay | undefined): [number, number] => {
  const { port } = relay ?? server
  return [port, scenario.relay === 'observer' ? server.port : port]
}
