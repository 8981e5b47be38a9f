// A real PostgreSQL behind an instance of the fake: what comes into effect there comes into effect here. Its group's parameters
// are its settings, a restart restarts it, and its class decides on how many cores it runs and of what memory formulas are worked
// out: half of the class's vCPUs, because this machine has two, and a small part of its memory.
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { shapeOf } from '../../../src/aws/catalog/index.ts'
import { memoryForDatabase } from '../../../src/aws/catalog/memory.ts'
import { evaluate } from '../../../src/aws/describe/formula.ts'
import { clientOf, type PostgresServer } from '../postgres.ts'
import { end, gone, howStarted } from '../restart.ts'
import { definitionsOf } from './group.ts'
import type { Described, World } from './world.ts'

/** How much smaller its memory is than that of the class. */
const SCALE = 64

export interface Behind {
  /** What the engine itself says. */
  shows(name: string): Promise<string>
  /** On how many cores the system lets its sessions run. */
  cores(): Promise<number>
  close(): Promise<void>
}

/** From now on the first instance of the account is this server. */
export async function behind(world: World, server: PostgresServer): Promise<Behind> {
  const { again } = howStarted(server.pid, server.dataDir)
  let child: ChildProcess | undefined
  let work = Promise.resolve()
  Object.assign(world.instances[0]!, { Endpoint: { Address: '127.0.0.1', Port: server.port } })
  const restart = (instance: Described): void => {
    work = work.then(async () => {
      if (child) await end(child, 'SIGINT')
      else {
        process.kill(server.pid, 'SIGINT')
        await gone(server.pid)
      }
      child = again(coresOf(instance))
    })
  }
  world.changed = (instance, was) => {
    writeFileSync(join(server.dataDir, 'postgresql.auto.conf'), settingsOf(world, instance))
    if (was === 'parameters') process.kill(child?.pid ?? server.pid, 'SIGHUP')
    // A change of the class ends and starts it, as a restart does.
    if (was === 'rebooting' || was === 'modifying') restart(instance)
  }
  world.changed(world.instances[0]!, 'rebooting')
  /** It may still be starting. */
  const client = async (): Promise<pg.Client> => {
    for (const deadline = performance.now() + 20_000; ; await sleep(50)) {
      await work
      try {
        return await clientOf(server.superuserUrl())
      } catch (error) {
        if (performance.now() > deadline) throw error
      }
    }
  }
  const one = async (query: string): Promise<string> => {
    const connected = await client()
    try {
      const { rows } = await connected.query(query)
      return String(Object.values(rows[0])[0])
    } finally {
      await connected.end()
    }
  }
  return {
    shows: name => one(`show ${name}`),
    cores: async () => {
      const connected = await client()
      try {
        const { rows } = await connected.query('select pg_backend_pid() as pid')
        return await coresAllowed(Number(rows[0].pid))
      } finally {
        await connected.end()
      }
    },
    close: async () => {
      await work
      if (child) await end(child, 'SIGKILL')
    },
  }
}

const coresOf = ({ DBInstanceClass }: Described): number =>
  Math.max(1, (shapeOf({ instanceClass: String(DBInstanceClass) })?.vcpus ?? 2) / 2)

/** The formulas of its family, and what somebody has set; what the engine has of its own is left to it. */
function settingsOf(world: World, { DBInstanceClass, DBParameterGroups }: Described): string {
  const [{ DBParameterGroupName } = {}] = DBParameterGroups as Described[]
  const name = String(DBParameterGroupName)
  const group = world.parameterGroups[name]
  const shape = shapeOf({ instanceClass: String(DBInstanceClass) })
  const memory = memoryForDatabase(shape?.memoryBytes ?? 0) / SCALE
  const defined = Object.entries(definitionsOf(world, name, group?.family ?? ''))
    .filter(([, { value = '' }]) => /[{(]/.test(value))
    .map(([parameter, { value = '' }]) => [parameter, value])
  const all: Record<string, string> = { ...Object.fromEntries(defined), ...group?.values }
  const known = { DBInstanceClassMemory: memory, DBInstanceVCPU: shape?.vcpus ?? 2, AllocatedStorage: 0 }
  return Object.entries(all)
    .map(([parameter, value]) => `${parameter} = '${Math.floor(evaluate(value, known) ?? Number(value))}'\n`)
    .join('')
}

/** Of a process, by the system's own word: `0-1,3`. */
async function coresAllowed(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status) ?? []
  return list
    .split(',')
    .map(part => part.split('-').map(Number))
    .reduce((sum, [from = 0, to = from]) => sum + to - from + 1, 0)
}
