// What one sample costs the server, beside what most tools ask of it.
import { asFraction, sideBySide } from './kit/measure.mjs'
import { backend, backends, end, startPostgres, watcherOf } from './kit/postgres.mjs'

export const name = 'PostgreSQL: CPU of one sample on the server'

const MAJORS = [15, 18]
const ROUNDS = 100
const ACTIVE = 8
const ASKED = { 400: 1 / 8, 1000: 1 / 6 }

export async function run(print) {
  const rows = []
  for (const major of MAJORS) {
    const server = await startPostgres({
      major,
      settings: { max_connections: 1_030, shared_buffers: '64MB' },
    })
    const url = server.superuserUrl()
    const crowd = []
    for (const [count, asked] of Object.entries(ASKED)) {
      crowd.push(...(await backends(url, count - crowd.length)))
      rows.push(await crowded(url, crowd, `${major}, ${count} connections, ${ACTIVE} active`, asked, print))
    }
    await end(crowd)
    await server.stop()
  }
  return rows
}

async function crowded(url, crowd, conditions, asked, print) {
  const busy = crowd.slice(0, ACTIVE)
  const sleeping = busy.map(({ client }) => client.query('select pg_sleep(3600)').catch(() => undefined))
  const [watcher, tool] = [await watcherOf(url), await backend(url, 'tool')]
  const costs = await sideBySide(ROUNDS, {
    sample: { pid: watcher.pid, call: () => watcher.connection.sample() },
    view: { pid: tool.pid, call: () => tool.client.query('select * from pg_stat_activity') },
  })
  for (const { pid } of busy) await tool.client.query('select pg_cancel_backend($1)', [pid])
  await Promise.all([...sleeping, tool.client.end(), watcher.connection.close()])
  print(`${conditions}: sample ${costs.sample.toFixed(0)} µs, view ${costs.view.toFixed(0)} µs`)
  const ratio = costs.sample / costs.view
  return {
    claim: `PostgreSQL ${conditions}: CPU of a sample ÷ select * from pg_stat_activity`,
    asked: `≤ ${asFraction(asked)}`,
    measured: asFraction(ratio),
    ok: ratio <= asked,
    detail: { sampleUs: costs.sample, viewUs: costs.view },
  }
}
