// Attempts from as many addresses as are asked for, as the server sees them; the worst one decides how it ends.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT, PHASES, type ProbeResult } from '../../src/model/index.ts'
import { readBundle } from '../../src/store/index.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { spillway } from '../kit/spillway.ts'
import { expectRefusal, freshPaths } from './kit.ts'

const fresh = freshPaths()
/** All of 127.0.0.0/8 is this machine's. The server takes nobody from the last one. */
const [NEAR, FAR, REJECTED] = ['127.0.0.2', '127.0.0.3', '127.0.0.9']

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  const url = () => `postgres://app@127.0.0.1:${server.port}/postgres`
  beforeAll(async () => {
    server = await startPostgres()
    const admin = await clientOf(server.superuserUrl())
    await admin.query('create role app login; grant pg_monitor to app')
    const rules = join(server.dataDir, 'pg_hba.conf')
    const open = readFileSync(rules, 'utf8')
    writeFileSync(rules, `host all app ${REJECTED}/32 reject\nhost all app 127.0.0.0/8 trust\n${open}`)
    await admin.query('select pg_reload_conf()')
    await admin.end()
  })
  afterAll(() => server?.stop())

  const probe = async (...args: string[]) => {
    const ended = await spillway(['probe', url(), '--json', ...args])
    const results = ended.stdout.split('\n').filter(Boolean)
    return { ended, results: results.map(line => JSON.parse(line) as ProbeResult) }
  }

  test('an attempt from each, timed by phase', async () => {
    const { ended, results } = await probe('--from', NEAR, '--from', FAR)
    expect(ended.code).toBe(EXIT.fine)
    expect(results.map(({ from, ok }) => [from, ok])).toEqual([
      [NEAR, true],
      [FAR, true],
    ])
    for (const { phaseMs } of results) expect(Object.keys(phaseMs).sort()).toEqual([...PHASES].sort())
  })

  test('the server sees where it comes from; the worst attempt is the end', async () => {
    const { ended, results } = await probe('--from', REJECTED, '--from', NEAR)
    expect(results.map(({ from, failure }) => [from, failure])).toEqual([
      [REJECTED, 'not-permitted'],
      [NEAR, undefined],
    ])
    expect(results[0]?.native?.message).toContain(REJECTED)
    expect(ended.code).toBe((await spillway(['probe', url(), '--from', REJECTED])).code)
    expect(ended.code).not.toBe(EXIT.fine)
    expect(ended.stderr).toContain(`from ${REJECTED}`)
  })

  test('one line for each that succeeds', async () => {
    const { code, stdout } = await spillway(['probe', url(), '--from', NEAR])
    expect(code).toBe(EXIT.fine)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stdout).toContain(`from ${NEAR}`)
  })

  test('a watch makes its attempts from each in turn', async () => {
    const file = fresh('turns')
    const args = ['record', url(), file, '--for', '3s', '--probe-from', NEAR, '--probe-from', FAR]
    expect((await spillway(args)).code).toBe(EXIT.fine)
    const { probes } = await readBundle(file)
    expect(new Set(probes.map(({ from }) => from))).toEqual(new Set([NEAR, FAR]))
  })

  test.each([
    ['no address', 'db.example'],
    ['not of this machine', '192.0.2.1'],
  ])('%s is refused before anything is tried', async (_, address) => {
    for (const args of [
      ['probe', url(), '--from', address],
      ['diagnose', url(), '--probe-from', address],
    ]) {
      const ended = await spillway(args)
      expectRefusal(ended, EXIT.usage, new RegExp(address.replaceAll('.', '\\.')))
      expect(ended.stdout).toBe('')
    }
  })

  test('a Unix socket is reached from no address', async () => {
    const target = `postgres://app@/postgres?host=${server.socketDir}&port=${server.port}`
    const { code, stderr } = await spillway(['probe', target, '--from', NEAR])
    expect(code).toBe(EXIT.unreachable)
    expect(stderr).toMatch(/^error:.*Unix socket/m)
  })
})
