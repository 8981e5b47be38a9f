// A pile-up of sessions behind one row: what the complete blocking tree costs, and what the neighbours lose.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { asFraction, median, quantile, sideBySide } from './kit/measure.mjs'
import { backend, backends, startPostgres, watcherOf } from './kit/postgres.mjs'

export const name = 'PostgreSQL: a pile-up behind one row'

const MAJORS = [15, 18]
const WAITERS = [125, 250, 500]
const ROUNDS = 15
/** Long enough for a reading of the lock table in every sample. */
const PAUSE_MS = 1_000
const ASKED = 1 / 10
/** For twice the waiters: linear is 2, quadratic 4. */
const nearLinear = 2.5
const NAIVE = "select pid, pg_blocking_pids(pid) from pg_stat_activity where wait_event_type = 'Lock'"

const NEIGHBOURS = { major: 15, waiters: 400, hz: 10, blocks: 60, blockS: 2, asked: 0.97 }

export async function run(print) {
  const rows = []
  for (const major of MAJORS) rows.push(...(await withServer(major, (...args) => tree(...args, print))))
  if (spawnSync('pgbench', ['--version']).error) print('pgbench is missing: no neighbours')
  else rows.push(await withServer(NEIGHBOURS.major, (...args) => neighbours(...args, print)))
  return rows
}

async function withServer(major, measure) {
  const server = await startPostgres({
    major,
    settings: { max_connections: 540, shared_buffers: '256MB', deadlock_timeout: '600s' },
  })
  const url = server.superuserUrl()
  const [tool, head] = [await backend(url, 'tool'), await backend(url)]
  await head.client.query('create table hot (id int primary key, n int); insert into hot values (1, 0)')
  await head.client.query('begin; update hot set n = 1 where id = 1')
  const queue = []
  const pileUp = async count => {
    queue.push(...(await backends(url, count - queue.length)))
    for (const { client } of queue.slice(-count))
      client.query('update hot set n = 2 where id = 1').catch(() => 0)
    while ((await tool.client.query(NAIVE)).rowCount < count) await sleep(100)
  }
  const rows = await measure({ server, url, tool, head, pileUp })
  await server.stop()
  return rows
}

async function tree({ server: { major }, url, tool, head, pileUp }, print) {
  const watcher = await watcherOf(url)
  const costs = []
  for (const count of WAITERS) {
    await pileUp(count)
    const candidates = {
      sample: { pid: watcher.pid, call: () => watcher.connection.sample() },
      naive: { pid: tool.pid, call: () => tool.client.query(NAIVE) },
    }
    const cost = await sideBySide(ROUNDS, candidates, PAUSE_MS)
    costs.push({ waiters: count, ...cost })
    const { sample, naive } = cost
    print(
      `PostgreSQL ${major}, ${count} waiters: sample ${sample.toFixed(0)} µs, all pg_blocking_pids ${naive.toFixed(0)} µs`,
    )
  }
  const { sessions } = await watcher.connection.sample()
  const most = costs.at(-1)
  const charged = sessions.filter(({ blockedBy }) => rootOf(blockedBy, sessions) === String(head.pid)).length
  const growth = most.sample / costs.at(-2).sample
  const conditions = `PostgreSQL ${major}, ${most.waiters} waiters`
  return [
    {
      claim: `${conditions}: sample ÷ pg_blocking_pids on all`,
      asked: `≤ ${asFraction(ASKED)}`,
      measured: asFraction(most.sample / most.naive),
      ok: most.sample / most.naive <= ASKED,
      detail: costs,
    },
    {
      claim: `${conditions}: with the right root`,
      asked: `${most.waiters}`,
      measured: charged,
      ok: charged === most.waiters,
    },
    {
      claim: `${conditions}: CPU of a sample ÷ that of half of them`,
      asked: `≤ ${nearLinear}`,
      measured: growth.toFixed(2),
      ok: growth <= nearLinear,
    },
  ]
}

function rootOf(blockedBy, sessions) {
  let root
  for (let ids = blockedBy; ids?.length > 0; ids = sessions.find(({ id }) => id === root)?.blockedBy)
    root = ids[0]
  return root
}

/** Blocks with and without ten samples a second, in turns, within one run of pgbench. */
async function neighbours({ url, server, pileUp }, print) {
  const { waiters, hz, blocks, blockS, asked, major } = NEIGHBOURS
  const { hostname, port, password } = new URL(url)
  const env = {
    ...process.env,
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: 'postgres',
    PGPASSWORD: password,
    PGDATABASE: 'postgres',
  }
  spawnSync('pgbench', ['-i', '-q', '-s', '5'], { env, stdio: 'ignore' })
  await pileUp(waiters)
  const watcher = await watcherOf(url)
  const args = ['-S', '-n', '-M', 'prepared', '-c', '4', '-T', String(blocks * blockS + 5), '-P', '1']
  const pgbench = spawn('pgbench', args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const perBlock = { on: [], off: [] }
  let samples = 0
  const seconds = createInterface({ input: pgbench.stderr })[Symbol.asyncIterator]()
  const tps = async () => Number(/ ([\d.]+) tps/.exec((await seconds.next()).value ?? '')?.[1])
  await tps()
  for (let block = 0; block < blocks; block++) {
    const mode = block % 2 === 0 ? 'off' : 'on'
    const stop = mode === 'on' ? sampling(watcher.connection, hz, () => samples++) : () => undefined
    const seen = []
    // The second of the change belongs to neither.
    for (let second = 0; second < blockS; second++) seen.push(await tps())
    await stop()
    perBlock[mode].push(median(seen.slice(1)))
  }
  pgbench.kill()
  await Promise.all([once(pgbench, 'exit'), watcher.connection.close()])
  // Each with the one right before it: what else the machine does changes more slowly.
  const ratio = median(perBlock.on.map((tps, i) => tps / perBlock.off[i]))
  const alike = perBlock.off.slice(1).map((tps, i) => tps / perBlock.off[i])
  const spread = { median: median(alike), low: quantile(alike, 0.25), high: quantile(alike, 0.75) }
  print(`PostgreSQL ${server.major}, ${samples} samples; A/A, a block without Spillway ÷ the one before:`)
  print(
    `  median ${spread.median.toFixed(3)}, half of them from ${spread.low.toFixed(3)} to ${spread.high.toFixed(3)}`,
  )
  return {
    claim: `PostgreSQL ${major}: throughput of pgbench beside ${waiters} waiters, sampled at ${hz} Hz ÷ not`,
    asked: `≥ ${asked}`,
    measured: ratio.toFixed(3),
    ok: ratio >= asked,
    detail: { ...perBlock, spread, samples },
  }
}

function sampling(connection, hz, count) {
  const stopped = new AbortController()
  const loop = (async () => {
    for (let next = performance.now(); !stopped.signal.aborted; next += 1_000 / hz) {
      await connection.sample()
      count()
      await sleep(Math.max(0, next + 1_000 / hz - performance.now()))
    }
  })()
  return () => {
    stopped.abort()
    return loop
  }
}
