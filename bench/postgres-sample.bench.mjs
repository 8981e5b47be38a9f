// What one sample costs the server, beside what most tools ask of it.
import { spawn, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { asFraction, cpuUs, sideBySide } from './kit/measure.mjs'
import { backend, backends, end, startPostgres, watcherOf } from './kit/postgres.mjs'

export const name = 'PostgreSQL: CPU of one sample on the server'

const MAJORS = [15, 18]
const ROUNDS = 30
/** The pace of a watch: what comes once a second is in every sample, and the caches are cold. */
const WATCH_MS = 1_000
/** The pace of a burst, and none: calls back to back find the caches warm. */
const BURST_MS = 100
const NO_PAUSE_MS = 0
const ACTIVE = 8
const ASKED = { 400: 1 / 8, 1000: 1 / 6 }
const PG_ACTIVITY = 'pg_activity'
const REFRESHES = 8
const pgActivityAsked = 1 / 50
/** Of one core, at 1 Hz. */
const shareAsked = 0.001

export async function run(print) {
  const rows = []
  for (const major of MAJORS) {
    const server = await startPostgres({
      major,
      settings: { max_connections: 1_030, shared_buffers: '64MB' },
    })
    const crowd = []
    for (const [count, asked] of Object.entries(ASKED)) {
      crowd.push(...(await backends(server.superuserUrl(), count - crowd.length)))
      const conditions = `PostgreSQL ${major}, ${count} connections, ${ACTIVE} active`
      rows.push(...(await usual(server, crowd, conditions, asked, print)))
    }
    await pileUp(server, crowd, major, print)
    await end(crowd)
    await server.stop()
  }
  return rows
}

/** Most idle, a few active. */
async function usual(server, crowd, conditions, asked, print) {
  const awake = await asleep(server, crowd.slice(0, ACTIVE))
  const { sample, view, floor } = await compared(server, ROUNDS)
  print(
    `${conditions}: sample ${sample.toFixed(0)} µs, view ${view.toFixed(0)} µs, ${asFraction(sample / view)}; floor ${floor.toFixed(0)} µs`,
  )
  const burst = await compared(server, ROUNDS, BURST_MS)
  print(
    `  at the pace of a burst: sample ${burst.sample.toFixed(0)} µs, ${asFraction(burst.sample / burst.view)}`,
  )
  const warm = await compared(server, ROUNDS, NO_PAUSE_MS)
  const detail = { sampleUs: sample, viewUs: view, floorUs: floor, burst, warm }
  const claim = `${conditions}: sample ÷ select * from pg_stat_activity`
  const rows = [
    claimed(`${claim}, at 1 Hz`, sample / view, asked, detail),
    claimed(`${claim}, back to back`, warm.sample / warm.view, asked, detail),
  ]
  if (crowd.length === 400) {
    const share = sample / 1e6
    rows.push({
      claim: `${conditions}: of one core at 1 Hz`,
      asked: `≤ ${shareAsked * 100}`,
      measured: (share * 100).toFixed(3),
      unit: '%',
      ok: share <= shareAsked,
      detail,
    })
    const refresh = await pgActivityUs(server, print)
    if (refresh !== undefined)
      rows.push(
        claimed(`${conditions}: sample ÷ one pg_activity refresh`, sample / refresh, pgActivityAsked, {
          ...detail,
          refreshUs: refresh,
        }),
      )
  }
  await awake()
  return rows
}

/** Not asked for, but honest: the more sessions work, the more there is to read. */
async function pileUp(server, crowd, major, print) {
  for (const active of [50, 200, 500]) {
    const awake = await asleep(server, crowd.slice(0, active))
    const { sample, view } = await compared(server, ROUNDS / 3)
    print(
      `PostgreSQL ${major}, ${crowd.length} connections, ${active} active: sample ${sample.toFixed(0)} µs, ${asFraction(sample / view)}`,
    )
    await awake()
  }
}

/** No statement that asks every session for anything costs less. */
const FLOOR = {
  name: 'floor',
  text: 'select pg_stat_get_backend_activity_start(id) from pg_stat_get_backend_idset() as id',
}

async function compared(server, rounds, pauseMs = WATCH_MS) {
  const url = server.superuserUrl()
  const [watcher, tool, other] = [
    await watcherOf(url),
    await backend(url, 'tool'),
    await backend(url, 'tool'),
  ]
  const costs = await sideBySide(
    rounds,
    {
      sample: { pid: watcher.pid, call: () => watcher.connection.sample() },
      view: { pid: tool.pid, call: () => tool.client.query('select * from pg_stat_activity') },
      floor: { pid: other.pid, call: () => other.client.query(FLOOR) },
    },
    pauseMs,
  )
  await Promise.all([tool.client.end(), other.client.end(), watcher.connection.close()])
  return costs
}

const claimed = (claim, ratio, asked, detail) => ({
  claim,
  asked: `≤ ${asFraction(asked)}`,
  measured: asFraction(ratio),
  ok: ratio <= asked,
  detail,
})

/** Puts these sessions into a statement; what it returns wakes them. */
async function asleep(server, some) {
  const statements = some.map(({ client }) => client.query('select pg_sleep(3600)').catch(() => undefined))
  await sleep(200)
  return async () => {
    const { client } = await backend(server.superuserUrl(), 'tool')
    for (const { pid } of some) await client.query('select pg_cancel_backend($1)', [pid])
    await Promise.all([...statements, client.end()])
  }
}

/** CPU of pg_activity's backend for one refresh, microseconds; undefined where the program is missing. */
async function pgActivityUs(server, print) {
  if (spawnSync(PG_ACTIVITY, ['--version']).error) {
    print(`${PG_ACTIVITY} is missing: not compared (apt-get install pg-activity)`)
    return undefined
  }
  const url = new URL(server.superuserUrl())
  // It wants a terminal.
  const command = `stty rows 50 cols 200; ${PG_ACTIVITY} --refresh 1 -h ${url.hostname} -p ${url.port} -U postgres -d postgres`
  const tool = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', PGPASSWORD: url.password },
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const { client } = await backend(server.superuserUrl(), 'tool')
  try {
    await sleep(3_000)
    return await perRefresh(client, print)
  } finally {
    tool.stdin.write('q')
    tool.kill()
    await client.end()
  }
}

async function perRefresh(client, print) {
  const { rows } = await client.query(
    "select pid from pg_stat_activity where application_name like 'pg_activity%' or (application_name = '' and backend_type = 'client backend')",
  )
  if (rows.length !== 1) {
    print(`${PG_ACTIVITY} did not start: not compared`)
    return undefined
  }
  const before = await cpuUs(rows[0].pid)
  await sleep(REFRESHES * 1_000)
  return ((await cpuUs(rows[0].pid)) - before) / REFRESHES
}
