// A server that was ended, started again as it was; nobody waits until it is ready. And a listener whose queue is full.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { unprivilegedOwner } from '../../src/lab/owner.ts'

export interface Restart {
  /** Starts it, on so many cores where that is said. The caller ends what it started. */
  again(cores?: number): ChildProcess
}

/** Learns how a running server was started. */
export const howStarted = (pid: number, dir: string): Restart => {
  const [command, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  return {
    again: cores => {
      const [program, ...all] =
        cores === undefined
          ? [command!, ...args]
          : ['taskset', '-c', `0-${Math.min(cores, availableParallelism()) - 1}`, command!, ...args]
      return spawn(program!, all, { ...unprivilegedOwner(), cwd: dir, stdio: 'ignore' })
    },
  }
}

export const gone = async (pid: number): Promise<void> => {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await sleep(20)) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
  }
  throw new Error(`process ${pid} does not end`)
}

export const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** A signal stops one thread after the other; one that still runs may answer. */
export const isStopped = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/task`).every(thread =>
    / T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').replace(/\(.*\)/, '')),
  )

/** More attempts than the queue of a stopped server takes. Returns how to give them up. */
export const crowd = (port: number, attempts: number): (() => void) => {
  const sockets = Array.from(
    { length: attempts },
    (): Socket => connect(port, '127.0.0.1').on('error', () => undefined),
  )
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}
