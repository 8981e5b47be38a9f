// Breaks the shop as a scenario says, and takes it back as an operator would.
import { rm } from 'node:fs/promises'
import type { Application } from '../application.ts'
import { fill } from '../disk.ts'
import type { FaultStep } from '../scenario.ts'
import { breakOff } from './break-off.ts'
import { burn } from './burn.ts'
import { dump } from './dump.ts'
import { hold } from './hold.ts'
import { repeat } from './repeat.ts'
import type { Done, Injection, Shop, Step } from './step.ts'

export interface Fault {
  inject(): Promise<Injection>
  /** Takes back what was injected, or the steps of these kinds of it, last first; what an operator ended before is no matter. */
  end(kinds?: readonly FaultStep['do'][]): Promise<void>
  /** After a restart: what went away with the server's sessions happens once more. */
  again(): Promise<void>
  /** Ends what would outlive the server. */
  abandon(): void
}

export const makeFault = (steps: FaultStep[], shop: Shop): Fault => {
  const done: (Done & { kind: FaultStep['do'] })[] = []
  const begin = async (step: FaultStep) => {
    done.push({ ...(await DO[step.do](step as never, shop)), kind: step.do })
  }
  return {
    inject: async () => {
      const begunAt = Date.now()
      for (const step of steps) await begin(step)
      const session = done.find(({ session }) => session !== undefined)?.session
      return { begunAt, t: Date.now(), ...(session !== undefined && { session }) }
    },
    end: async kinds => {
      const isMeant = ({ kind }: { kind: FaultStep['do'] }) => kinds === undefined || kinds.includes(kind)
      // What could not be taken back is there to be tried again.
      for (let at = done.findLastIndex(isMeant); at >= 0; at = done.findLastIndex(isMeant)) {
        await done[at]!.undo()
        done.splice(at, 1)
      }
    },
    again: async () => {
      for (const step of steps.filter(({ do: kind }) => ENDS_WITH_SESSIONS.includes(kind))) await begin(step)
    },
    abandon: () => {
      for (const { abandon } of done) abandon?.()
    },
  }
}

const ENDS_WITH_SESSIONS: readonly FaultStep['do'][] = ['hold', 'repeat']

const DO: { [Kind in FaultStep['do']]: (step: Step<Kind>, shop: Shop) => Promise<Done> } = {
  hold,
  repeat,
  burn,
  dump,
  'break-off': breakOff,
  leak: async (step, shop) => ({ undo: application(shop, step.service).leak(step) }),
  'scale-out': async (step, shop) => ({
    undo: application(shop, step.service).scaleOut(step.instances, step.everyMs),
  }),
  redeploy: async (step, shop) => ({ undo: application(shop, step.service).redeploy(step.everyMs) }),
  traffic: async (step, shop) => ({ undo: application(shop, step.service).surge(step) }),
  migrate: async (step, shop) => {
    // A deploy that finds no slot free is none of the faults here.
    const change = (sql: string) => shop.engine.asAdmin(shop.server, admin => admin.query(sql))
    await change(step.sql)
    return { undo: async () => void (await change(step.undo)) }
  },
  administer: async (step, shop) => {
    const run = (statements: string[]) =>
      shop.engine.asAdmin(shop.server, async client => {
        for (const sql of statements) await client.query(sql)
      })
    await run(step.statements)
    return { undo: () => run(step.undo) }
  },
  limit: async (step, { cage }) => {
    if (cage === undefined) throw new Error('the scenario has no limits')
    cage.limit(step.limits)
    return { undo: async () => cage.open() }
  },
  'fill-disk': async (_, { server }) => {
    const file = fill(server.dir)
    return { undo: () => rm(file) }
  },
  restart: async (step, { server, engine }) => {
    await server.restart(step.how === 'crash' ? engine.crash : engine.shutdown, step.downMs)
    return { undo: async () => undefined }
  },
  network: async (step, { relay }) => {
    if (relay === undefined) throw new Error('the scenario has no relay')
    relay.fail(step)
    const timer = step.forMs === undefined ? undefined : setTimeout(relay.mend, step.forMs)
    return {
      undo: async () => {
        clearTimeout(timer)
        relay.mend()
      },
    }
  },
}

const application = (shop: Shop, name: string): Application => {
  const found = shop.applications.find(candidate => candidate.name === name)
  if (found === undefined) throw new Error(`the scenario has no service ${name}`)
  return found
}
