// The watch over a real server, in peace and while the server or the way to it fails under its feet.
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { recorder, watch } from '../../src/collector/index.ts'
import { load, timeline } from '../../src/load/index.ts'
import type { Engine, Observation } from '../../src/model/index.ts'
import { AVAILABLE, clientOf, engineOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { clock, isGap, isSampled, observe, TICK_MS } from '../kit/watch.ts'

const MAX_CONNECTIONS = 12
const RESERVED = 3
describeWith('the watch', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let admin: pg.Client
  let opened: pg.Client[] = []
  let stopped: number[] = []

  const url = () => `postgres://app@127.0.0.1:${server.port}/postgres`
  const open = async (application: string): Promise<number> => {
    const client = await clientOf(url(), application)
    opened.push(client)
    return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid
  }
  /** Backends of Spillway, the oldest first: that one is held. */
  const ours = async (): Promise<number[]> => {
    const { rows } = await admin.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'spillway' order by backend_start`,
    )
    return rows.map(({ pid }) => pid)
  }
  const held = async (): Promise<number> => {
    const [pid] = await ours()
    if (pid === undefined) throw new Error('no connection is held')
    return pid
  }
  /** A stopped process cannot be ended by anybody but the kernel: every one is set going again. */
  const stop = (pid: number): void => {
    process.kill(pid, 'SIGSTOP')
    stopped.push(pid)
  }
  const goOn = (): void => {
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
    stopped = []
  }
  const connectAdmin = async () => {
    admin = await clientOf(server.superuserUrl(), 'admin')
  }
  /** Everybody but the admin is gone; the server frees a slot a moment after the client has left. */
  const alone = async () => {
    const others = `select count(*)::int as n from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`
    const deadline = performance.now() + 10_000
    for (;;) {
      const { rows } = await admin.query<{ n: number }>(others)
      if (rows[0]!.n === 0) return
      if (performance.now() > deadline) throw new Error(`${rows[0]!.n} connections were left behind`)
    }
  }

  beforeAll(async () => {
    server = await startPostgres({
      settings: { max_connections: MAX_CONNECTIONS, superuser_reserved_connections: RESERVED },
    })
    await connectAdmin()
    await admin.query('create role app login')
    await admin.query('grant pg_monitor to app')
  })
  beforeEach(() => alone())
  afterEach(async () => {
    goOn()
    const ending = opened.map(client => client.end().catch(() => undefined))
    opened = []
    await Promise.all(ending)
  })
  afterAll(async () => {
    await admin?.end()
    await server?.stop()
  })

  test('as many ticks as asked for, each in its place, with sessions, limits and an attempt', async () => {
    const pid = await open('web')
    const working = opened[0]!.query('select pg_sleep(30)').catch(() => undefined)
    const host = { vcpus: 2, cpuPct: () => 42 }
    const before = clock.now()
    const kept = recorder(engineOf(url()).target, before, 1000)
    for await (const observation of watch(engineOf(url()), { clock, host, ticks: 4, tickMs: 1000 })) {
      kept.add(observation)
      expect(observation.problem).toBeUndefined()
      expect(observation.tick.sessions).toContainEqual(
        expect.objectContaining({ id: String(pid), state: 'active', application: 'web' }),
      )
      expect(observation.limits?.maxConnections).toBe(MAX_CONNECTIONS)
      // This very machine serves it, so its CPU is the server's.
      expect(observation.tick.signals).toMatchObject({ cpu_pct: 42, connections: 3 })
    }
    await admin.query('select pg_cancel_backend($1)', [pid])
    await working
    const { ticks, probes, from, to, limits, target } = kept.evidence()
    expect(ticks.map(({ t }) => t - from)).toEqual([0, 1000, 2000, 3000])
    expect([from - before < 5000, to - from]).toEqual([true, 4000])
    expect(probes.map(({ ok }) => ok)).toEqual([true, true, true, true])
    expect(Object.keys(probes[0]!.phaseMs).sort()).toEqual([
      'authenticate',
      'connect',
      'query',
      'resolve',
      'tls',
    ])
    expect(limits).toEqual({ maxConnections: MAX_CONNECTIONS, reserved: expect.any(Object) })
    expect(target.engineVersion).toMatch(new RegExp(`^${server.major}\\.`))
    expect(load(ticks)).toMatchObject({ aas: 1, ticks: 4, gaps: 0 })
  })

  test('two connections at most: the held one and one attempt', async () => {
    const watched = observe(engineOf(url()))
    let watching = true
    const counts: number[] = []
    const counting = (async () => {
      while (watching) counts.push((await ours()).length)
    })()
    await watched.until(() => watched.seen.flatMap(({ probes }) => probes).length >= 6)
    watching = false
    await counting
    expect(counts.length).toBeGreaterThan(100)
    expect(Math.max(...counts)).toBeLessThanOrEqual(2)
    expect(counts.filter(n => n > 0).length).toBeGreaterThan(counts.length / 2)
    await watched.stop()
  })

  test('a lost connection is a gap, not a zero, and is opened again', async () => {
    await open('web')
    const watched = observe(engineOf(url()))
    const first = await watched.until(isSampled)
    const lost = await held()
    await admin.query('select pg_terminate_backend($1)', [lost])
    const gap = await watched.until(isGap)
    expect(gap.tick.signals).toEqual({})
    expect(gap.connection).toBeUndefined()
    expect(gap.problem?.code).toBe('connection-lost')
    const again = await watched.until(isSampled)
    expect(again.problem).toBeUndefined()
    expect(again.connection).not.toBe(first.connection)
    expect(await held()).not.toBe(lost)
    await watched.stop()

    const kept = recorder(engineOf(url()).target, clock.now(), TICK_MS)
    for (const observation of watched.seen) kept.add(observation)
    const gaps = watched.seen.filter(isGap).length
    expect(load(kept.evidence().ticks)).toMatchObject({ gaps, ticks: watched.seen.length - gaps })
    const { slots } = timeline(kept.evidence())
    const missing = watched.seen.map(isGap)
    for (const { values } of slots) expect(values.map(value => value === null)).toEqual(missing)
    // The time axis goes on through the gap.
    const times = watched.seen.map(({ tick }) => tick.t)
    expect(times.slice(1).map((t, i) => t - times[i]!)).toEqual(times.slice(1).map(() => TICK_MS))
  })

  test('a backend that stops answering costs ticks, and the watch goes on without it', async () => {
    const watched = observe(engineOf(url()))
    await watched.until(isSampled)
    const silent = await held()
    stop(silent)
    const gap = await watched.until(isGap)
    expect(gap.tick).toEqual({ t: gap.tick.t, signals: {} })
    // Attempts of others still succeed: it is one process that hangs, not the server.
    await watched.until(({ probes }) => probes.some(({ ok }) => ok))
    await watched.until(isSampled)
    goOn()
    await watched.until(isSampled)
    // Set going again, it finds its client gone, a moment later.
    await expect.poll(held, { timeout: 20_000 }).not.toBe(silent)
    await watched.stop()
    await alone()
  })

  test('while one attempt hangs no other is made, and the samples go on', async () => {
    const engine = engineOf(url())
    let [running, most] = [0, 0]
    const counted: Engine = {
      ...engine,
      probe: async signal => {
        most = Math.max(most, ++running)
        return engine.probe(signal).finally(() => running--)
      },
    }
    const watched = observe(counted)
    await watched.until(({ probes }) => probes.length > 0)
    // The postmaster accepts nobody; the sessions there are go on.
    stop(server.pid)
    await watched.until(() => running === 1)
    const before = watched.seen.length
    await watched.until(observation => isSampled(observation) && watched.seen.length >= before + 4)
    goOn()
    const { probes } = await watched.until(({ probes }) =>
      probes.some(({ phaseMs }) => sum(phaseMs) > TICK_MS),
    )
    expect(probes.every(({ ok }) => ok)).toBe(true)
    expect(most).toBe(1)
    await watched.stop()
  })

  test('a server that crashes and recovers is sampled again', async () => {
    const victim = await open('web')
    const watched = observe(engineOf(url()))
    await watched.until(isSampled)
    // One killed backend makes the postmaster end all of them and start over.
    process.kill(victim, 'SIGKILL')
    const { problem } = await watched.until(isGap)
    expect(problem?.code).toMatch(/^(?:connection-lost|not-ready)$/)
    const again = await watched.until(isSampled)
    expect(again.tick.sessions?.map(({ id }) => id)).not.toContain(String(victim))
    await watched.until(({ probes }) => probes.some(({ ok }) => ok))
    await watched.stop()
    await connectAdmin()
  })

  test('an abort between two ticks ends the watch at once and leaves nothing open', async () => {
    const watched = observe(engineOf(url()), 5000)
    await watched.until(isSampled)
    const pending = watched.next()
    expect(await watched.stop()).toBeLessThan(1500)
    expect((await pending).done).toBe(true)
    await alone()
  })

  test('an abort while a sample is under way ends the watch as quietly', async () => {
    let sampling: (() => void) | undefined
    const asked = new Promise<void>(resolve => {
      sampling = resolve
    })
    const engine = engineOf(url())
    const announced: Engine = {
      ...engine,
      connect: async signal => {
        const connection = await engine.connect(signal)
        const silent = await held()
        return {
          facts: connection.facts,
          get closed() {
            return connection.closed
          },
          sample: signal => {
            stop(silent)
            sampling?.()
            return connection.sample(signal)
          },
          examine: signal => connection.examine(signal),
          grants: role => connection.grants(role),
          setting: (name, whose, signal) => connection.setting(name, whose, signal),
          act: (action, signal) => connection.act(action, signal),
          close: () => connection.close(),
        }
      },
    }
    const watched = observe(announced)
    const pending = watched.next()
    await asked
    expect(await watched.stop()).toBeLessThan(1500)
    await expect(pending).resolves.toMatchObject({ done: true })
    goOn()
    await alone()
  })

  test('an abort while the connection is being opened ends the watch as quietly', async () => {
    stop(server.pid)
    const watched = observe(engineOf(url()))
    const pending = watched.next()
    await new Promise(resolve => setImmediate(resolve))
    expect(await watched.stop()).toBeLessThan(1500)
    await expect(pending).resolves.toMatchObject({ done: true })
    goOn()
    await alone()
  })

  test('no slot is free at the start: attempts go on, and the first free slot is taken', async () => {
    const usable = MAX_CONNECTIONS - RESERVED
    for (let i = 0; i < usable - 1; i++) await open('web') // the admin has the last ordinary one
    const watched = observe(engineOf(url()))
    const refused = await watched.until(({ probes }) => probes.length > 0)
    expect(refused).toMatchObject({ problem: { code: 'no-free-slot' }, tick: { signals: {} } })
    expect(refused.connection).toBeUndefined()
    expect(refused.tick.sessions).toBeUndefined()
    const again = await watched.until(() => watched.seen.flatMap(({ probes }) => probes).length >= 3)
    expect(again.problem?.code).toBe('no-free-slot')
    const failures = watched.seen.flatMap(({ probes }) => probes.map(({ failure }) => failure))
    expect(new Set(failures)).toEqual(new Set(['reserved-slots-only']))

    await Promise.all(opened.splice(0, 4).map(client => client.end()))
    const { problem, tick } = await watched.until(isSampled)
    expect(problem).toBeUndefined()
    expect(tick.idle?.reduce((n, { count }) => n + count, 0)).toBe(usable - 4)
    await watched.until(({ probes }) => probes.some(({ ok }) => ok))
    await watched.stop()
  })
})

const sum = (phases: Observation['probes'][number]['phaseMs']): number =>
  Object.values(phases).reduce((total, ms) => total + ms, 0)
