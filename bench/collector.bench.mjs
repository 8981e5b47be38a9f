// What one process needs to watch a thousand databases. It is on its own, before a peer that gives a real server's answers again.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { postgresEngine, postgresTarget } from '../dist/engine/postgres/index.js'
import { backend, backends, end, startPostgres } from './kit/postgres.mjs'

export const name = 'Collector: 1,000 targets, one sample a second each'

const TARGETS = Number(process.env.SPILLWAY_BENCH_TARGETS ?? 1_000)
/** Other sessions of each server, and how many of them are in a transaction. */
const [SESSIONS, BUSY] = [40, 4]
/** At one attempt a second each a real fleet's servers would pay for it, not this process alone. */
const PROBE_EVERY_MS = 60_000

export async function run(print) {
  const peer = fork(new URL('./kit/replay.mjs', import.meta.url))
  try {
    await learn(peer)
    const { port } = await ask(peer, { ask: 'replay' })
    print(
      `${TARGETS} held connections, ${SESSIONS} sessions each, a probe in ${PROBE_EVERY_MS / 1_000} s each`,
    )
    const result = await observe(urlOf(port))
    const { unknown } = await ask(peer, { ask: 'cost' })
    if (unknown !== undefined) print(`not recorded, so that its client was cut off: ${unknown}`)
    return rowsOf(result, print)
  } finally {
    peer.kill('SIGKILL')
  }
}

const urlOf = port => `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=disable`

async function ask(child, message) {
  child.send(message)
  const [answer] = await once(child, 'message', { signal: AbortSignal.timeout(10_000) })
  return answer
}

/** Has a real server answer everything that a watch asks. */
async function learn(peer) {
  // Who comes and goes by himself would be in one answer and not in the other.
  const server = await startPostgres({ major: 18, settings: { autovacuum: 'off' } })
  try {
    const url = server.superuserUrl()
    const tool = await backend(url)
    await tool.client.query('create role watcher login; grant pg_monitor to watcher')
    const all = await backends(url, SESSIONS)
    for (const { client } of all.slice(0, BUSY)) await client.query('begin')
    const { port } = await ask(peer, { ask: 'record', host: server.host, port: server.port })
    const engine = postgresEngine(postgresTarget(urlOf(port).replace('postgres@', 'watcher@'), {}))
    const connection = await engine.connect()
    await sleep(2_000)
    // With the counters and without, with everybody and with those that changed.
    for (const pauseMs of [0, 1_100, 100, 1_100, 1_100, 100, 100]) {
      await sleep(pauseMs)
      await connection.sample()
    }
    const { ok } = await engine.probe()
    if (!ok) throw new Error('the server was not reached through the recorder')
    await connection.close()
    await end([...all, tool])
  } finally {
    await server.stop()
  }
}

async function observe(url) {
  const child = fork(new URL('./kit/observer.mjs', import.meta.url), {
    execArgv: [],
  })
  try {
    child.send({ url, count: TARGETS, probeEveryMs: PROBE_EVERY_MS, warmUpMs: 20_000, measureMs: 60_000 })
    const [result] = await once(child, 'message', { signal: AbortSignal.timeout(200_000) })
    await once(child, 'exit', { signal: AbortSignal.timeout(60_000) })
    return result
  } finally {
    child.kill('SIGKILL')
  }
}

function rowsOf(detail, print) {
  const { cores, lateMs, gaps, ticks, attempts, failed } = detail
  const kB = (detail.rssAfter - detail.rssBefore) / 1_024 / TARGETS
  print(
    `${ticks} ticks, ${gaps} gaps, of which ${detail.rests} by design, ${detail.bursts} bursts, ${attempts} attempts of which ${failed} failed${detail.problem ? `: ${detail.problem}` : ''}`,
  )
  print(
    `late by ms: median ${lateMs.p50.toFixed(1)}, 99 % ${lateMs.p99.toFixed(1)}, most ${lateMs.max.toFixed(1)}`,
  )
  const row = (claim, asked, measured, ok, unit) => ({
    claim: `Collector, ${TARGETS} targets at 1 Hz: ${claim}`,
    asked,
    measured,
    unit,
    ok,
    detail,
  })
  return [
    row('CPU of the process', '≤ 0.5', Number(cores.toFixed(2)), cores <= 0.5, 'cores'),
    row('resident memory a target', '≤ 64', Math.round(kB), kB <= 64, 'kB'),
    row('lateness of a sample, p99', '≤ 50', Number(lateMs.p99.toFixed(1)), lateMs.p99 <= 50, 'ms'),
    row(
      'ticks without a sample',
      '≤ 0.1',
      Number(((100 * gaps) / ticks).toFixed(2)),
      gaps / ticks <= 0.001,
      '%',
    ),
  ]
}
