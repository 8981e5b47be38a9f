import { describe, expect, test } from 'vitest'
import { failsWith, type Hands, handClock, sampleOf, scripted } from '../../test/kit/scripted.ts'
import { AppError, type Engine, type Observation } from '../model/index.ts'
import { recorder } from './recorder.ts'
import { watch } from './watch.ts'

const see = async (engine: Engine, clock: Hands, ticks: number): Promise<Observation[]> => {
  const seen: Observation[] = []
  for await (const observation of watch(engine, { clock, ticks, random: () => 0 })) seen.push(observation)
  return seen
}

/** A sample by its number, from 0 on, and when each was taken. */
const script = (clock: Hands, nth: (n: number) => Parameters<typeof sampleOf>[0]) => {
  const at: number[] = []
  const sample = () => sampleOf(nth(at.push(clock.now()) - 1))
  return { at, engine: scripted({ sample }) }
}

const samplesOf = (seen: readonly Observation[]) => seen.map(({ tick }) => tick.samples ?? 1)
const gone = () => new AppError('connection-lost', 'gone', '')

describe('a burst', () => {
  test('begins with the tick of the first sign: ten samples within a second', async () => {
    const clock = handClock()
    const { at, engine } = script(clock, n => ({ active: 2, waiting: n < 20 ? 0 : 2 }))
    const seen = await see(engine, clock, 25)
    expect(samplesOf(seen)).toEqual([...Array(20).fill(1), ...Array(5).fill(10)])
    expect(at[29]! - at[20]!).toBeLessThan(1_000)
    expect(seen[20]).toMatchObject({ burst: expect.any(String), tick: { samples: 10 } })
  })

  test('has the means of the load and the last of everything else', async () => {
    const clock = handClock()
    const { engine } = script(clock, n => ({ active: 1 + n, waiting: n === 0 ? 0 : 1, used: 30 + n }))
    const [, second] = await see(engine, clock, 2)
    // Samples 1 to 10: active 2 … 11, one of them waiting.
    expect(second!.tick.signals).toMatchObject({
      aas: 6.5,
      aas_cpu: 5.5,
      aas_lock: 1,
      lock_waiters: 1,
      connections: 40,
    })
    expect(second!.tick.sessions).toHaveLength(11)
  })

  test('ends when it is calm again', async () => {
    const clock = handClock()
    const { engine } = script(clock, n => ({ waiting: n >= 10 && n < 30 ? 1 : 0 }))
    const samples = samplesOf(await see(engine, clock, 40))
    expect(samples.slice(0, 10)).toEqual(Array(10).fill(1))
    expect(samples.filter(n => n === 10).length).toBeGreaterThan(2)
    expect(samples.filter(n => n === 10).length).toBeLessThan(10)
    expect(samples.slice(-20)).toEqual(Array(20).fill(1))
  })

  test('is over after thirty seconds, and what lasts is no news', async () => {
    const clock = handClock()
    const { engine } = script(clock, n => ({ active: 9, waiting: n < 10 ? 0 : 8 }))
    const samples = samplesOf(await see(engine, clock, 300))
    expect(samples.filter(n => n === 10)).toHaveLength(30)
    expect(samples.slice(0, 10)).toEqual(Array(10).fill(1))
  })

  test('begins for a failed attempt, for slots that run out, and for a sample that failed', async () => {
    for (const [number, change] of Object.entries({ refused: {}, crowded: { used: 95 }, missed: {} })) {
      const clock = handClock()
      let [taken, tried] = [0, 0]
      const engine = scripted({
        sample: () => {
          if (taken++ === 10 && number === 'missed') throw gone()
          return sampleOf(taken > 10 ? change : {})
        },
        probe: () =>
          tried++ === 9 && number === 'refused'
            ? failsWith('slots-exhausted')
            : { t: 0, ok: true, phaseMs: {} },
      })
      const samples = samplesOf(await see(engine, clock, 14))
      expect(samples.slice(0, 10), number).toEqual(Array(10).fill(1))
      expect(samples.indexOf(10), number).toBeLessThanOrEqual(12)
      expect(samples.indexOf(10), number).toBeGreaterThanOrEqual(10)
    }
  })

  test('loses no failure and no statement that one of its samples brought', async () => {
    const clock = handClock()
    let n = 0
    const engine = scripted({
      sample: () => ({
        ...sampleOf({ waiting: n++ === 0 ? 0 : 1 }),
        failures: [{ source: 'counter', failure: 'slots-exhausted', count: n }],
        statements: [{ statementId: String(n), calls: 1, totalMs: 1 }],
      }),
    })
    const [, { failures, statements, tick } = {} as Observation] = await see(engine, clock, 2)
    expect(failures?.map(({ count }) => count)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(statements).toHaveLength(10)
    expect(new Set([...failures!, ...statements!].map(({ t }) => t))).toEqual(new Set([tick.t]))
  })
})

describe('the cost of a sample', () => {
  test('lengthens the interval up to ten seconds, with gaps between, and says so once a step', async () => {
    const clock = handClock()
    const engine = scripted({
      sample: () => {
        clock.pass(450)
        return sampleOf()
      },
    })
    const seen = await see(engine, clock, 60)
    const sampled = seen.flatMap(({ tick }, n) => (tick.sessions ? [n] : []))
    const steps = sampled.slice(1).map((n, i) => n - sampled[i]!)
    expect(steps.at(-1)).toBe(4)
    expect(Math.max(...steps)).toBe(4)
    expect(seen.at(-1)!.everyMs).toBe(4_000)
    expect(seen.flatMap(({ events = [] }) => events.map(({ kind }) => kind))).toEqual([
      'interval-lengthened',
      'interval-lengthened',
    ])
    // The attempts go on.
    expect(seen.flatMap(({ probes }) => probes)).toHaveLength(60)
  })

  test('lets it come back slowly once samples are cheap', async () => {
    const clock = handClock()
    let taken = 0
    const engine = scripted({
      sample: () => {
        clock.pass(taken++ < 5 ? 450 : 1)
        return sampleOf()
      },
    })
    const seen = await see(engine, clock, 120)
    expect(Math.max(...seen.map(({ everyMs = 0 }) => everyMs))).toBeGreaterThanOrEqual(2_000)
    expect(seen.slice(-10).every(({ tick, everyMs }) => tick.sessions && everyMs === undefined)).toBe(true)
  })

  test('makes a burst slower, too', async () => {
    const clock = handClock()
    let taken = 0
    const engine = scripted({
      sample: () => {
        clock.pass(40)
        return sampleOf({ waiting: taken++ < 8 ? 0 : 1 })
      },
    })
    expect(samplesOf(await see(engine, clock, 10)).at(-1)).toBe(5)
  })
})

describe('time', () => {
  const isInOrder = (seen: readonly Observation[]) =>
    seen.every(({ tick }, i) => i === 0 || tick.t > seen[i - 1]!.tick.t)
  const kept = (seen: readonly Observation[]) => {
    const kept = recorder({ name: 'x', engine: 'postgres' }, 0)
    for (const observation of seen) kept.add(observation)
    return kept.evidence().ticks
  }

  test.each([
    ['forward by an hour', 3_600_000],
    ['forward by 2.4 s', 2_400],
    ['back by an hour', -3_600_000],
    ['back by a tick', -1_000],
  ])('a clock set %s makes gaps, no duplicates, and keeps the order', async (_, jump) => {
    const clock = handClock()
    let taken = 0
    const engine = scripted({
      sample: () => {
        if (taken++ === 5) clock.jump(jump)
        return sampleOf()
      },
    })
    const seen = await see(engine, clock, Math.max(30, 30 + jump / 1_000))
    expect(isInOrder(seen)).toBe(true)
    const ticks = kept(seen)
    expect(ticks.slice(1).every(({ t }, i) => t - ticks[i]!.t === 1_000)).toBe(true)
    expect(seen.filter(({ tick }) => !tick.sessions)).toHaveLength(jump > 0 ? 1 : 0)
    expect(seen.at(-1)!.tick.sessions).toBeDefined()
  })

  test('each target has its own place within the tick, always the same', async () => {
    const places = new Set<number>()
    for (let n = 0; n < 50; n++) {
      const first = async () => (await see(scripted({ name: `db-${n}` }), handClock(), 1))[0]!.tick.t % 1_000
      const place = await first()
      expect(await first()).toBe(place)
      places.add(place)
    }
    expect(places.size).toBeGreaterThan(40)
    expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(800)
  })
})

describe('a server that does not answer', () => {
  const refused = () => new AppError('unreachable', 'refused', '')

  test('is tried with growing pauses, then once a minute', async () => {
    const clock = handClock()
    const tried: number[] = []
    const engine = scripted({
      connect: () => {
        tried.push(clock.now())
        throw refused()
      },
      probe: () => failsWith('connection-refused'),
    })
    await see(engine, clock, 200)
    expect(tried.slice(1).map((t, i) => Math.round((t - tried[i]!) / 1_000))).toEqual([
      1, 2, 4, 8, 60, 60, 60,
    ])
  })

  test('is connected to at once when an attempt succeeds', async () => {
    const clock = handClock()
    const start = clock.now()
    const isUp = () => clock.now() - start > 40_000
    const engine = scripted({
      connect: () => {
        if (!isUp()) throw refused()
      },
      probe: () => (isUp() ? { t: 0, ok: true, phaseMs: {} } : failsWith('connection-refused')),
    })
    const seen = await see(engine, clock, 60)
    const first = seen.find(({ tick }) => tick.sessions)!
    expect(first.tick.t - start).toBeLessThan(44_000)
  })

  test('refuses for a reason that does not mend: attempts become rare, and it is said', async () => {
    const clock = handClock()
    const engine = scripted({ probe: () => failsWith('authentication-failed') })
    const seen = await see(engine, clock, 100)
    const times = seen.flatMap(({ probes }) => probes.map(({ t }) => t))
    const pauses = times.slice(1).map((t, i) => Math.round((t - times[i]!) / 1_000))
    expect(pauses.slice(0, 9)).toEqual(Array(9).fill(1))
    expect(pauses.length).toBeGreaterThan(10)
    for (const pause of pauses.slice(9)) expect([30, 31]).toContain(pause)
    expect(seen.flatMap(({ events = [] }) => events.map(({ kind }) => kind))).toContain('probe-held-back')
  })

  test('refuses for want of a slot: attempts go on', async () => {
    const clock = handClock()
    const engine = scripted({ probe: () => failsWith('reserved-slots-only') })
    const seen = await see(engine, clock, 100)
    expect(seen.flatMap(({ probes }) => probes)).toHaveLength(100)
  })
})
