// What one sample costs MySQL and MariaDB, beside the process list as a table and sys.session: back to back, and at the
// pace of a watch, where every call finds the caches cold. The mean has in it what is read every few seconds only.
import { setTimeout as sleep } from 'node:timers/promises'
import { asFraction, cpuUs, median } from './kit/measure.mjs'
import { clientsOf, testKit, threadOf, watcherOf } from './kit/mysql.mjs'

export const name = 'MySQL and MariaDB: CPU of one sample on the server'

const CONNECTIONS = 1_000
const ACTIVE = 8
const SAMPLES = Number(process.env.SPILLWAY_BENCH_SAMPLES ?? 40)
const AGAINST = { processlist: 'information_schema.processlist', session: 'sys.session' }
const ASKED = { processlist: 1 / 12, session: 1 / 10_000 }
const WARM_UP = 5
/** Pause after each call, milliseconds: three calls make a round, one round a second. */
const PACES = { 'back to back': 1, 'at 1 Hz': 333 }

export async function run(print) {
  const kit = await testKit()
  const rows = []
  for (const wanted of kit.WANTED) {
    const program = kit.programOf(wanted)
    const isMariaDb = wanted.product === 'mariadb'
    // As it comes, and for MariaDB also with what its default leaves off.
    for (const schema of isMariaDb ? ['OFF', 'ON'] : ['ON']) {
      const title = `${wanted.name}, performance_schema=${schema}`
      if (program === undefined) print(`${title}: not measured, the server is not here`)
      else rows.push(...(await measured(kit, program, schema, title, isMariaDb, print)))
    }
  }
  await kit.close()
  return rows
}

async function measured(kit, program, schema, title, isMariaDb, print) {
  const settings = { max_connections: 1.2 * CONNECTIONS, performance_schema: schema }
  const server = await kit.startMysql(program, { settings })
  const uri = server.adminUrl()
  const crowd = await clientsOf(uri, CONNECTIONS)
  let ended = false
  const busy = crowd.slice(0, ACTIVE).map(async client => {
    while (!ended) await client.query('select sleep(0.5)')
  })
  const tool = await threadOf(uri, isMariaDb)
  const watcher = await watcherOf(uri, tool.client, isMariaDb)
  const candidates = {
    sample: { tid: watcher.tid, call: () => watcher.connection.sample() },
    // The floor: what any statement costs that wakes a thread up after a second.
    nothing: { tid: tool.tid, call: () => tool.client.query('do 0') },
    processlist: {
      tid: tool.tid,
      call: () => tool.client.query('select * from information_schema.processlist'),
    },
  }
  const rows = []
  const session = schema === 'ON' ? [await costOfSysSession(server.pid, tool)] : undefined
  for (const [pace, pauseMs] of Object.entries(PACES)) {
    const costs = { ...(await measuredAt(pauseMs, server.pid, candidates)), session }
    for (const [against, what] of Object.entries(AGAINST)) {
      if (costs[against]) rows.push(rowOf(`${title}: sample ÷ ${what}, ${pace}`, against, costs, print))
    }
  }
  ended = true
  await Promise.all(busy)
  await watcher.connection.close()
  for (const client of [tool.client, ...crowd]) client.destroy()
  await server.stop()
  return rows
}

async function costOfSysSession(pid, { tid, client }) {
  const before = await cpuUs(pid, tid)
  await client.query('select * from sys.session')
  return (await cpuUs(pid, tid)) - before
}

/** Microseconds of CPU of every call, one after the other. */
async function measuredAt(pauseMs, pid, candidates) {
  const costs = Object.fromEntries(Object.keys(candidates).map(name => [name, []]))
  for (let n = -WARM_UP; n < SAMPLES; n++) {
    for (const [name, { tid, call }] of Object.entries(candidates)) {
      const before = await cpuUs(pid, tid)
      await call()
      const cost = (await cpuUs(pid, tid)) - before
      if (n >= 0) costs[name].push(cost)
      await sleep(pauseMs)
    }
  }
  return costs
}

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length

function rowOf(claim, against, { sample, nothing, [against]: other }, print) {
  const ratio = median(sample) / median(other)
  const meanRatio = mean(sample) / mean(other)
  const us = value => `${value.toFixed(0)} µs`
  print(
    `${claim}: median ${us(median(sample))} to ${us(median(other))}, mean ${us(mean(sample))} to ${us(mean(other))}; floor ${us(median(nothing))}`,
  )
  return {
    claim: `${claim} (${CONNECTIONS} connections, ${ACTIVE} active; median, mean)`,
    asked: `≤ ${asFraction(ASKED[against])}`,
    measured: `${asFraction(ratio)}, ${asFraction(meanRatio)}`,
    ok: Math.max(ratio, meanRatio) <= ASKED[against],
    detail: {
      sampleUs: median(sample),
      otherUs: median(other),
      sampleMeanUs: mean(sample),
      otherMeanUs: mean(other),
    },
  }
}
