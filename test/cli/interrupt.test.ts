// Ctrl-C and its like: 130 at once, no answer, no error, nothing left behind on the server or on the disk.
import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT } from '../../src/model/index.ts'
import { readBundle } from '../../src/store/index.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { type Running, startSpillway } from '../kit/spillway.ts'
import { expectClean, freshPaths, type Peer, silentPeer } from './kit.ts'

const fresh = freshPaths()
/** From the signal to the end, milliseconds. */
const AT_ONCE_MS = 2_000

async function expectInterrupted(running: Running, signal: NodeJS.Signals): Promise<void> {
  const start = performance.now()
  running.process.kill(signal)
  const { code, stdout, stderr } = await running.ended
  expect(performance.now() - start).toBeLessThan(AT_ONCE_MS)
  expect({ code, stdout }).toEqual({ code: EXIT.interrupted, stdout: '' })
  expect(stderr).not.toContain('error:')
  expectClean(stderr)
}

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  let server: PostgresServer
  const url = () => `postgres://app@127.0.0.1:${server.port}/postgres`
  beforeAll(async () => {
    server = await startPostgres()
    const admin = await clientOf(server.superuserUrl())
    await admin.query('create role app login; grant pg_monitor to app')
    await admin.end()
  })
  afterAll(() => server?.stop())

  /** The server hears of the end a moment later; the test's own deadline ends the wait. */
  const nobodyLeft = async () => {
    const admin = await clientOf(server.superuserUrl())
    const sql = `select count(*)::int as n from pg_stat_activity where application_name = 'spillway'`
    while ((await admin.query<{ n: number }>(sql)).rows[0]!.n > 0);
    await admin.end()
  }

  test.each(['SIGINT', 'SIGTERM'] as const)('%s while diagnose watches', async signal => {
    const running = startSpillway(['diagnose', url(), '--for', '60s'])
    await running.says(/AAS/)
    await expectInterrupted(running, signal)
    await nobodyLeft()
  })

  test('while record watches: what was seen is kept, whole', async () => {
    const file = join(fresh('folder'), 'bundle.tar.gz')
    mkdirSync(dirname(file))
    const running = startSpillway(['record', url(), file, '--for', '60s'])
    await running.says(/AAS/)
    running.process.kill('SIGINT')
    expect((await running.ended).code).toBe(EXIT.interrupted)
    expect(readdirSync(dirname(file))).toEqual(['bundle.tar.gz'])
    expect((await readBundle(file)).ticks.length).toBeGreaterThan(0)
    await nobodyLeft()
  })
})

describe.concurrent('while a peer does not answer', () => {
  test.each(['diagnose', 'probe', 'doctor', 'slots', 'blocking', 'statements'])('%s', async verb => {
    const peer: Peer = await silentPeer()
    const running = startSpillway([verb, `postgres://app@127.0.0.1:${peer.port}/app`])
    await peer.called
    await expectInterrupted(running, 'SIGINT')
    await peer.close()
  })
})
