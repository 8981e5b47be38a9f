// The lab's own hand: carries out on the shop what a plan tells its operator to do.
import { getPriority, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { restrictTo } from './cores.ts'
import type { LabPooler, LabReplica } from './engine.ts'
import type { Fault } from './fault/index.ts'
import type { Shop } from './fault/step.ts'
import type { Scenario } from './scenario.ts'
import type { Order, PoolSize } from './treatment/order.ts'

export interface Hand {
  carryOut(order: Order): Promise<void>
  /** Ends what it started beside the server. */
  stop(): Promise<void>
}

const RETRY_MS = 100
/** How long to try again to get in. */
const ANSWER_MS = 20_000

export const makeHand = (scenario: Scenario, shop: Shop, fault: Fault): Hand => {
  const { engine, server, applications } = shop
  let pooler: LabPooler | undefined
  const replicas: LabReplica[] = []
  const admin = (statements: string[]) =>
    engine.asAdmin(server, async client => {
      for (const sql of statements) await client.query(sql)
    })
  const do_: { [Kind in Order['do']]: (order: Extract<Order, { do: Kind }>) => Promise<void> } = {
    // The slot that is kept for an administrator may be taken at that moment.
    mend: ({ steps }) => answered(() => fault.end(steps)),
    wait: async () => undefined,
    lift: async () => shop.cage?.open(),
    end: ({ session }) => answered(() => admin([engine.endSession(session)])),
    'set-pooler': async ({ size }) => shop.pooler?.resize(size),
    resize: async ({ sizes }) => {
      await Promise.all(
        applications.map(one => one.renew({ size: name => sizeOf(sizes, one.name, name, one.pools()) })),
      )
    },
    'put-pooler': async ({ settings }) => {
      pooler = await engine.startPooler?.(server, { ...scenario, pooler: settings })
      const { port } = pooler ?? shop.address
      await Promise.all(applications.map(one => one.renew({ port })))
    },
    'put-replicas': async ({ replicas: wanted, share }) => {
      for (let n = 1; n <= wanted; n++) {
        const replica = await server.replica?.()
        if (!replica) throw new Error('this engine has no replica in the lab')
        replicas.push(replica)
        if (scenario.cores !== undefined) await restrictTo(scenario.cores, replica.pid, n * scenario.cores)
        setPriority(replica.pid, getPriority(server.pid))
      }
      const ports = replicas.map(({ port }) => port)
      await Promise.all(applications.map(one => one.readFrom(ports, share)))
    },
    cores: ({ cores }) => restrictTo(cores, server.pid),
    run: ({ statements }) => answered(() => admin(statements)),
    reconnect: async () => {
      await answered(() => fault.end())
      await Promise.all(applications.map(one => one.renew({})))
      await fault.again()
    },
    restart: async () => {
      await server.restart(engine.shutdown, 0)
      await answered(() => admin([]))
      await fault.again()
    },
  }
  return {
    carryOut: order => do_[order.do](order as never),
    stop: async () => {
      await pooler?.stop()
      await Promise.all(replicas.map(one => one.stop()))
    },
  }
}

/** Of a pool by its own name; where the server knows only the user, its share of what all of them may have. */
const sizeOf = (sizes: PoolSize[], user: string, application: string, pools: number): number | undefined => {
  const own = sizes.filter(size => size.user === user)
  const exact = own.find(size => size.application === application)
  if (exact) return exact.size
  const together = own.find(size => size.application === '')
  return together && Math.max(1, Math.floor(together.size / pools))
}

const answered = async (ask: () => Promise<void>): Promise<void> => {
  const deadline = performance.now() + ANSWER_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(RETRY_MS)
    }
  }
}
