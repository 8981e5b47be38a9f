// What one process needs to watch a thousand databases: real connections to real servers, the observer in its own process.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { backend, startPostgres } from './kit/postgres.mjs'

export const name = 'Collector: 1,000 targets, one sample a second each'

const TARGETS = 1_000
/**
 * Their servers run on the same machine. A sample costs a server the more, the more sessions it has: so there are several. Each
 * watcher has a role of its own, for in a fleet no watcher sees a hundred others that were busy a moment ago.
 */
const MAJORS = [15, 18, 15, 18, 15, 18, 15, 18]
/** At one attempt a second each the servers alone would need more than this machine: they fork for every one. */
const PROBE_EVERY_MS = 60_000

export async function run(print) {
  const servers = []
  try {
    for (const major of MAJORS) servers.push(await startServer(major))
    print(
      `${MAJORS.length} servers (PostgreSQL ${[...new Set(MAJORS)].join(', ')}), ${TARGETS} held connections, a probe in ${PROBE_EVERY_MS / 1_000} s each`,
    )
    return rowsOf(await observe(servers), print)
  } finally {
    await Promise.all(servers.map(server => server.stop()))
  }
}

async function startServer(major) {
  const settings = { max_connections: 200, shared_buffers: '16MB', autovacuum: 'off' }
  const server = await startPostgres({ major, settings })
  const { client } = await backend(server.superuserUrl())
  for (let n = 0; n <= TARGETS / MAJORS.length; n++) await client.query(`create role watcher_${n} login`)
  await client.end()
  return server
}

/** The n-th target. */
const urlOf = (servers, n) => {
  const { port } = servers[n % servers.length]
  return `postgres://watcher_${Math.floor(n / servers.length)}@127.0.0.1:${port}/postgres`
}

async function observe(servers) {
  const child = fork(new URL('./kit/observer.mjs', import.meta.url), { execArgv: [] })
  try {
    const urls = Array.from({ length: TARGETS + 1 }, (_, n) => urlOf(servers, n))
    child.send({ urls, count: TARGETS, probeEveryMs: PROBE_EVERY_MS, warmUpMs: 45_000, measureMs: 60_000 })
    const [result] = await once(child, 'message', { signal: AbortSignal.timeout(300_000) })
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
