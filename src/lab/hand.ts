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
  let replica: LabReplica | undefined
  const admin = (statements: string[]) =>
    engine.asAdmin(server, async client => {
      for (const sql of statements) await client.query(sql)
    })
  const do_: { [Kind in Order['do']]: (order: Extract<Order, { do: Kind }>) => Promise<void> } = {
    // The slot that is kept for an administrator may be taken at that moment.
    mend: () => answered(fault.end),
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
    'put-replica': async () => {
      replica = await server.replica?.()
      if (!replica) throw new Error('this engine has no replica in the lab')
      const { port, pid } = replica
      if (scenario.cores !== undefined) await restrictTo(scenario.cores, pid, scenario.cores)
      setPriority(pid, getPriority(server.pid))
      await Promise.all(applications.map(one => one.readFrom(port)))
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
      await replica?.stop()
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
