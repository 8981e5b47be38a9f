// How far the time to exhaustion is off half-way to it, for slots that fill by chance: what a forecast could know at best.
import { timeToExhaustion } from '../dist/load/index.js'

export const name = 'exhaustion: error of the forecast half-way'

const RUNS = 400
const PEACE = 10
const ASKED = 0.2

export async function run(print) {
  const rows = []
  for (const [usable, seconds] of [
    [37, 6],
    [37, 30],
    [200, 20],
    [200, 60],
    [800, 120],
  ]) {
    for (const [what, fills] of Object.entries({ 'one service': oneService, 'pools of several': pools })) {
      const errors = Array.from({ length: RUNS }, () => errorOf(fills(usable, seconds), usable)).filter(
        error => error !== undefined,
      )
      const error = median(errors)
      print(
        `${usable} slots in about ${seconds} s, ${what}: median error ${(100 * error).toFixed(0)} % of ${errors.length}`,
      )
      rows.push({
        claim: `time to exhaustion half-way, ${usable} slots that fill in about ${seconds} s, ${what}`,
        asked: `≤ ${100 * ASKED} %`,
        measured: Math.round(100 * error),
        unit: '%',
        ok: error <= ASKED,
      })
    }
  }
  return rows
}

/** Arrivals that stay, at one rate. */
function oneService(usable, seconds) {
  const base = baseOf(usable)
  const rate = (usable - base) / seconds
  return levels(base, usable, share => poisson(rate * share))
}

/** Each pool fills at a rate of its own, up to its size: together they slow down. */
function pools(usable, seconds) {
  const base = baseOf(usable)
  const need = usable - base
  const count = 3 + Math.floor(random() * 4)
  const each = Array.from({ length: count }, () => ({
    room: (1.4 * need * (0.5 + random())) / count,
    rate: (1.3 * need * (0.3 + 1.5 * random())) / count / seconds,
    held: 0,
  }))
  return levels(base, usable, share => {
    let taken = 0
    for (const pool of each) {
      const more = Math.min(pool.room - pool.held, poisson(pool.rate * share))
      pool.held += more
      taken += more
    }
    return taken
  })
}

const baseOf = usable => Math.round(usable * (0.15 + 0.3 * random()))

/** Ten ticks of peace, then until the slots are gone; undefined where they are not. The fault begins anywhere within a tick. */
function levels(base, usable, taken) {
  const found = Array.from({ length: PEACE }, () => base + Math.round((random() - 0.5) * 3))
  let level = base + taken(random())
  while (level < usable && found.length < 2000) {
    found.push(Math.round(level))
    level += taken(1)
  }
  return level < usable ? undefined : [...found, usable]
}

function errorOf(found, usable) {
  if (!found || found.length - PEACE < 4) return undefined
  const full = found.length - 1
  const half = Math.floor((PEACE - 1 + full) / 2)
  const said = timeToExhaustion(
    found.slice(0, half + 1).map((y, x) => ({ x, y })),
    usable,
  )
  // The last slot went somewhere within the last tick.
  const actual = full - half - 0.5
  return said === undefined || said === 'never' ? 1 : Math.abs(said.p50 - actual) / actual
}

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

/** The same every time. */
let state = 12345
function random() {
  state = (state * 1664525 + 1013904223) >>> 0
  return state / 2 ** 32
}

function poisson(mean) {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
  let [n, p] = [0, random()]
  for (const limit = Math.exp(-mean); p > limit; p *= random()) n++
  return n
}

const normal = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random())
