// Breaks the shop as a scenario says, and takes it back as an operator would.
import { Client } from 'pg'
import type { Application } from './application.ts'
import { type Address, clientConfig } from './pool.ts'
import type { FaultStep } from './scenario.ts'
import { asSuperuser, DEPLOY } from './seed.ts'

export interface Fault {
  inject(): Promise<Injection>
  /** Takes back what was injected, last step first; what an operator ended before is no matter. */
  end(): Promise<void>
}

export interface Injection {
  /** When the fault had taken hold, epoch milliseconds. */
  t: number
  /** Server's id of the session at the root, where there is one. */
  session?: string
}

export interface Shop {
  address: Address
  /** For the shop's database. */
  superuserUrl: string
  applications: Application[]
}

export const makeFault = (steps: FaultStep[], shop: Shop): Fault => {
  const undo: (() => Promise<void>)[] = []
  return {
    inject: async () => {
      const sessions: string[] = []
      for (const step of steps) {
        const done = await DO[step.do](step as never, shop)
        undo.push(done.undo)
        if (done.session !== undefined) sessions.push(done.session)
      }
      return { t: Date.now(), ...(sessions[0] !== undefined && { session: sessions[0] }) }
    },
    end: async () => {
      for (let back = undo.pop(); back !== undefined; back = undo.pop()) await back()
    },
  }
}

interface Done {
  undo(): Promise<void>
  session?: string
}

type Step<Kind extends FaultStep['do']> = Extract<FaultStep, { do: Kind }>

const DO: { [Kind in FaultStep['do']]: (step: Step<Kind>, shop: Shop) => Promise<Done> } = {
  hold: (step, shop) => hold(step, shop),
  leak: async (step, shop) => ({ undo: application(shop, step.service).leak(step) }),
  'scale-out': async (step, shop) => ({
    undo: application(shop, step.service).scaleOut(step.instances, step.everyMs),
  }),
  traffic: async (step, shop) => ({ undo: application(shop, step.service).surge(step) }),
  migrate: async (step, shop) => {
    const change = (sql: string) =>
      asSuperuser(shop.superuserUrl, async client => {
        await client.query(`set role ${DEPLOY}`)
        await client.query(sql)
      })
    await change(step.sql)
    return { undo: () => change(step.undo) }
  },
}

const application = (shop: Shop, name: string): Application => {
  const found = shop.applications.find(candidate => candidate.name === name)
  if (found === undefined) throw new Error(`the scenario has no service ${name}`)
  return found
}

const hold = async (step: Step<'hold'>, shop: Shop): Promise<Done> => {
  const client = new Client(clientConfig(shop.address, step.user, step.application))
  // It is there to be ended.
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const pid = rows[0]?.pid
  const awaited = step.stays === 'active' ? step.statements.slice(0, -1) : step.statements
  for (const sql of awaited) await client.query(sql)
  if (step.stays === 'active') client.query(step.statements.at(-1) as string).catch(() => undefined)
  return {
    session: String(pid),
    undo: () =>
      asSuperuser(shop.superuserUrl, async superuser => {
        await superuser.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and application_name = $2',
          [pid, step.application],
        )
      }),
  }
}
