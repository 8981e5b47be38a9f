// moto, an implementation of the AWS APIs by others, as a process of its own on a free loopback port.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const MOTO = resolve('.spillway/servers/moto/usr/lib/python3/dist-packages')
const START_MS = 30_000

export const hasMoto = existsSync(MOTO)

export interface Moto {
  url: string
  close(): Promise<void>
}

export async function startMoto(): Promise<Moto> {
  const server = spawn('/usr/bin/python3', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { PATH: process.env.PATH, PYTHONPATH: MOTO, PYTHONNOUSERSITE: '1', PYTHONWARNINGS: 'ignore' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return {
    url: await listening(server),
    close: async () => {
      if (server.exitCode !== null) return
      server.kill('SIGKILL')
      await once(server, 'exit')
    },
  }
}

/** The address it says it listens on. */
const listening = (server: ChildProcess): Promise<string> =>
  new Promise((found, failed) => {
    let said = ''
    const late = setTimeout(() => failed(new Error(`moto does not listen: ${said}`)), START_MS)
    const hear = (chunk: Buffer) => {
      said += chunk
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
      if (address === undefined) return
      clearTimeout(late)
      found(address)
    }
    server.stdout?.on('data', hear)
    server.stderr?.on('data', hear)
    server.once('exit', () => failed(new Error(`moto ended: ${said}`)))
  })
