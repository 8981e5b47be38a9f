// What an application writes into a log of its own: a line for each request that failed, with its time.
import { createWriteStream, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Complaints {
  /** The log of each, as `name=file`. */
  logs: string[]
  /** Undefined for an application that writes none. */
  of(application: string): ((error: unknown) => void) | undefined
  remove(): Promise<void>
}

export const openComplaints = async (applications: readonly string[]): Promise<Complaints> => {
  const folder = await mkdtemp(join(tmpdir(), 'spillway-lab-log-'))
  const streams = new Map(
    applications.map(name => {
      const path = join(folder, `${name}.log`)
      writeFileSync(path, '')
      return [name, createWriteStream(path, { flags: 'a' })]
    }),
  )
  return {
    logs: [...streams].map(([name, { path }]) => `${name}=${path}`),
    of: application => {
      const stream = streams.get(application)
      return stream && (error => void stream.write(`${new Date().toISOString()} ERROR ${textOf(error)}\n`))
    },
    remove: async () => {
      for (const stream of streams.values()) stream.destroy()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const textOf = (error: unknown): string => {
  const { code, message } = error as { code?: string; message?: string }
  return [code, message?.split('\n')[0]].filter(Boolean).join(' ')
}
