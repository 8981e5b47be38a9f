// The CPU of the machine Spillway runs on, for databases that run there too.
import { availableParallelism, cpus } from 'node:os'
import type { HostMeter } from '../model/index.ts'

export { wallClock } from './clock.ts'

export function hostMeter(): HostMeter {
  let last = cpuTimes()
  return {
    vcpus: availableParallelism(),
    cpuPct() {
      const now = cpuTimes()
      const total = now.total - last.total
      // The kernel counts in hundredths of a second: below a few of them there is nothing to divide.
      if (total < 50) return undefined
      const busy = 100 * (1 - (now.idle - last.idle) / total)
      last = now
      return Math.min(100, Math.max(0, busy))
    },
  }
}

/** Milliseconds since boot, of all processors. */
function cpuTimes(): { idle: number; total: number } {
  const all = cpus().map(({ times }) => times)
  const idle = all.reduce((sum, times) => sum + times.idle, 0)
  const total = all.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0)
  return { idle, total }
}
