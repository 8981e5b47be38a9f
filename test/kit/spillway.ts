// The built command line as a user has it: a process of its own, real pipes, a clean environment and a deadline.
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
/** Whoever needs longer is killed, and has no exit code. */
const DEADLINE_MS = 20_000

export interface Ended {
  /** Null when a signal ended it, the deadline's included. */
  code: number | null
  stdout: string
  stderr: string
  /** From start to exit, milliseconds. */
  ms: number
}

export interface Running {
  process: ChildProcess
  ended: Promise<Ended>
  /** Resolves as soon as stderr matches; rejects when the process ends before. */
  says(pattern: RegExp): Promise<void>
}

export interface RunOptions {
  /** Added to an environment without any PG*, DATABASE_URL or home. */
  env?: Record<string, string>
  /** Arguments of node itself. */
  node?: string[]
  /** What stands on stdin; null keeps it open. Without it there is none. */
  input?: string | Uint8Array | null
}

export const spillway = (args: string[], options: RunOptions = {}): Promise<Ended> =>
  startSpillway(args, options).ended

export function startSpillway(args: string[], { env = {}, node = [], input }: RunOptions = {}): Running {
  const start = performance.now()
  const child = spawn(process.execPath, [...node, MAIN, ...args], {
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  })
  // Whoever has read enough closes it.
  child.stdin.on('error', () => undefined)
  if (input !== null) child.stdin.end(input)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr, ms: performance.now() - start }))
  })
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(stderr) && resolve()
      child.stderr.on('data', look)
      look()
      ended.then(() => reject(new Error(`ended without ${pattern}: ${stderr}`)), reject)
    })
  return { process: child, ended, says }
}
