// An rds: target whose database answers: a real server behind a loopback AWS, both observers on one clock.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsed } from '../cli/kit.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, world } from '../kit/aws/world.ts'
import { evidence } from '../kit/evidence.ts'
import { AVAILABLE, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { type Ended, spillway } from '../kit/spillway.ts'

interface Answer {
  target: { instanceClass?: string; vcpus?: number }
  load: { aas: number; cpuPct?: number; ticks: number }
  connect: { attempts: number; failed: number }
  events?: { source: string; kind: string }[]
}

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  let fake: Fake
  beforeAll(async () => {
    server = await startPostgres({})
    const minutes = evidence(900, () => ({ signals: { cpu_pct: 33, aas: 40 } }))
    const seen = { ...minutes, ticks: minutes.ticks.map(({ t, signals }) => ({ t, signals })) }
    // It goes on while the test does.
    const orders = moved(seen, Math.floor(Date.now() / 60_000) * 60_000 + 300_000)
    const incidents = { orders, shut: orders }
    const Endpoint = { Address: '127.0.0.1', Port: server.port }
    fake = await fakeAws(
      world({
        instances: [
          instance('orders', { Endpoint }),
          instance('shut', { Endpoint: { Address: '127.0.0.1', Port: 1 } }),
        ],
        parameters: { pg16: { max_connections: '400' } },
        incidents,
      }),
    )
  })
  afterAll(async () => {
    await fake?.close()
    await server?.stop()
  })

  const run = (...args: string[]): Promise<Ended> => {
    const { username, password } = new URL(server.superuserUrl())
    const env = {
      ...fake.env,
      PGUSER: username,
      PGPASSWORD: password,
      PGDATABASE: 'postgres',
      PGSSLMODE: 'prefer',
    }
    return spillway(args, { env })
  }

  test('diagnose has the samples of the watch, and beside them what AWS has', async () => {
    const { code, stdout, stderr } = await run(
      'diagnose',
      'rds:orders@eu-west-1',
      '--live',
      '--for',
      '4s',
      '--json',
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { target, load, connect, events = [] } = parsed(stdout) as unknown as Answer
    expect(target).toMatchObject({ instanceClass: 'db.r6g.large', vcpus: 2 })
    expect(connect).toMatchObject({ failed: 0 })
    expect(connect.attempts).toBeGreaterThan(0)
    expect(load.ticks).toBeGreaterThan(0)
    expect(
      events.filter(({ source }) => source === 'performance-insights').map(({ kind }) => kind),
    ).toContain('disagreement')
    // Described for the connection, and not again for what AWS has.
    expect(fake.calls.filter(action => action === 'rds:DescribeDBInstances')).toHaveLength(1)
  })

  test.each(['probe', 'slots', 'doctor'])('%s finds the endpoint', async verb => {
    const { code, stderr } = await run(verb, 'rds:orders@eu-west-1')
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('error') })
  })

  test('doctor says who would take over, without asking AWS again', async () => {
    const asked = fake.calls.length
    const { stdout } = await run('doctor', 'rds:orders@eu-west-1', '--json')
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; fix?: string }[] }
    expect(checks.find(({ name }) => name === 'standby')).toMatchObject({
      ok: false,
      fix: 'aws rds modify-db-instance --db-instance-identifier orders --multi-az',
    })
    expect(fake.calls.slice(asked)).toEqual(['rds:DescribeDBInstances'])
  })

  test('a database that lets nobody in is diagnosed by what AWS saw', async () => {
    const args = ['diagnose', 'rds:shut@eu-west-1', '--live', '--for', '3s', '--json']
    const { code, stdout } = await run(...args)
    expect(code).toBe(3)
    const { load, connect } = parsed(stdout) as unknown as Answer
    expect(connect.failed).toBe(connect.attempts)
    expect(connect.attempts).toBeGreaterThan(0)
    expect(load).toMatchObject({ aas: expect.closeTo(40), cpuPct: expect.closeTo(33) })
  })

  test('a watch of another time is refused', async () => {
    const { code } = await run('diagnose', 'rds:orders@eu-west-1', '--live', '--since', '1h')
    expect(code).toBe(64)
  })
})
