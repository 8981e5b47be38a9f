// A process that does nothing but watch many targets, and measures itself: forked by collector.bench.mjs.
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { watch } from '../../dist/collector/index.js'
import { postgresEngine, postgresTarget } from '../../dist/engine/postgres/index.js'
import { wallClock } from '../../dist/host/index.js'
import { quantile } from './measure.mjs'

const clock = wallClock()

/** Milliseconds by which the first samples of ticks began late; a tick that was missed is a gap, and counted apart. */
const late = []
let [ticks, gaps, rests, bursts, attempts, failed, counting] = [0, 0, 0, 0, 0, 0, false]
let problem

/** The n-th target of a server: a name of its own, so that it has its own place within the tick. */
const targetOf = (url, n) => {
  const engine = postgresEngine(postgresTarget(url, {}))
  let askedAt
  return {
    name: `${n}.db.example`,
    engine: {
      ...engine,
      target: { ...engine.target, name: `${n}.db.example` },
      connect: async signal => {
        const connection = await engine.connect(signal)
        const sample = connection.sample.bind(connection)
        connection.sample = (...args) => {
          askedAt ??= clock.now()
          return sample(...args)
        }
        return connection
      },
    },
    /** When the tick was begun that has just ended. */
    begun() {
      const at = askedAt
      askedAt = undefined
      return at
    },
  }
}

async function follow(url, n, probeEveryMs, signal) {
  const target = targetOf(url, n)
  const observations = watch(target.engine, { clock, signal, probeEveryMs })
  while (await next(observations, target));
}

/** Apart from the loop, which would keep what it saw last until it sees more. */
async function next(observations, target) {
  const { value, done } = await observations.next()
  if (done) return false
  const begun = target.begun()
  if (counting) count(value, begun)
  return true
}

function count({ tick, probes, problem: why, everyMs }, begun) {
  ticks++
  attempts += probes.length
  failed += probes.filter(({ ok }) => !ok).length
  problem = why?.message ?? problem
  if (tick.sessions) late.push(begun - tick.t)
  else gaps++
  if (tick.samples > 1) bursts++
  if (!tick.sessions && everyMs > 1_000) rests++
}

process.once('message', async ({ url, count, probeEveryMs, warmUpMs, measureMs }) => {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const first = follow(url, 0, probeEveryMs, stop.signal)
  await sleep(3_000)
  const rssBefore = process.memoryUsage.rss()
  const all = [first]
  for (let n = 1; n <= count; n++) {
    all.push(follow(url, n, probeEveryMs, stop.signal))
    // A fleet is not taken on in one moment.
    if (n % 20 === 0) await sleep(200)
  }
  await sleep(warmUpMs)
  counting = true
  const [from, before] = [performance.now(), process.cpuUsage()]
  await sleep(measureMs)
  counting = false
  const { user, system } = process.cpuUsage(before)
  const ms = performance.now() - from
  process.send({
    cores: (user + system) / 1_000 / ms,
    rssBefore,
    rssAfter: process.memoryUsage.rss(),
    ...process.memoryUsage(),
    lateMs: { p50: quantile(late, 0.5), p99: quantile(late, 0.99), max: quantile(late, 1) },
    perSecond: (ticks * 1_000) / ms,
    ticks,
    gaps,
    rests,
    bursts,
    attempts,
    failed,
    problem,
  })
  stop.abort()
  await Promise.all(all)
  process.disconnect()
})
