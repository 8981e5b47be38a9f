// What benches share: CPU of one process or thread, medians, and measuring side by side.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'

const folder = (pid, tid) => (tid === undefined ? `/proc/${pid}` : `/proc/${pid}/task/${tid}`)

/** CPU time of a process's main thread, or of one thread, in microseconds, as of when it last slept. Linux only. */
export const cpuUs = async (pid, tid) => {
  // The answer is here before the server has put its things away; the count is exact only while it sleeps.
  while (!/\) [SD] /.test(readFileSync(`${folder(pid, tid)}/stat`, 'utf8'))) await turn()
  return Number(readFileSync(`${folder(pid, tid)}/schedstat`, 'utf8').split(' ')[0]) / 1_000
}

export const median = values => quantile(values, 0.5)

export const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
}

/** '1/9.3': how a small ratio reads. */
export const asFraction = ratio => `1/${(1 / ratio).toFixed(1)}`

/**
 * Median cost of one call of each of `{name: {pid, tid?, call}}` on the server, microseconds of CPU: one after the
 * other, `rounds` times, so that what else the machine does meets them alike; in turns forwards and backwards, because
 * the first one after a pause finds the caches cold. The first tenth is for warming up.
 * `pauseMs` lies between two rounds: what is done once a second only would cost nothing in a tight loop.
 */
export const sideBySide = async (rounds, candidates, pauseMs = 0) => {
  const costs = Object.fromEntries(Object.keys(candidates).map(name => [name, []]))
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    await sleep(pauseMs)
    const inOrder = Object.entries(candidates)
    for (const [name, { pid, tid, call }] of round % 2 === 0 ? inOrder : inOrder.reverse()) {
      const before = await cpuUs(pid, tid)
      await call()
      const cost = (await cpuUs(pid, tid)) - before
      if (round >= 0) costs[name].push(cost)
    }
  }
  return Object.fromEntries(Object.entries(costs).map(([name, values]) => [name, median(values)]))
}
