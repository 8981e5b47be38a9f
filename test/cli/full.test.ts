// No slot is free, not even for Spillway: it says so from the attempts alone, and how to be let in next time.
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXIT, type Failure } from '../../src/model/index.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { spillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, freshPaths, parsed } from './kit.ts'

const fresh = freshPaths()
/** More reserved slots than there are attempts at a time: one that is being refused holds a slot as well. */
const SETTINGS = { max_connections: 26, superuser_reserved_connections: 2, reserved_connections: 18 }
const USABLE = 6

describeWith('PostgreSQL 18', AVAILABLE.has(18), () => {
  let server: PostgresServer
  const clients: pg.Client[] = []
  const url = (user: string) => `postgres://${user}@127.0.0.1:${server.port}/postgres`

  beforeAll(async () => {
    server = await startPostgres({ major: 18, settings: SETTINGS })
    const admin = await clientOf(server.superuserUrl())
    await admin.query(`create role app login; create role "Odd Role" login; create role guest login;
      grant pg_monitor to guest; create role watcher login; grant pg_monitor, pg_use_reserved_connections to watcher`)
    await admin.end()
    for (let n = 0; n < USABLE; n++) clients.push(await clientOf(url('app'), 'web'))
  })
  afterAll(async () => {
    await Promise.all(clients.map(client => client.end()))
    await server?.stop()
  })

  const refused = (failure: Failure) => {
    test.concurrent.each(['doctor', 'slots', 'blocking', 'probe'])('%s', async verb => {
      const ended = await spillway([verb, url('guest')])
      expectRefusal(ended, EXIT.unreachable, /53300/)
      expect(ended.stderr).toMatch(/^hint:.*GRANT pg_use_reserved_connections TO guest\b/m)
    })

    test.concurrent('diagnose prints a diagnosis from the attempts alone', async () => {
      const [words, json] = await Promise.all([
        spillway(['diagnose', url('guest'), '--for', '4s']),
        spillway(['diagnose', url('guest'), '--for', '4s', '--json']),
      ])
      for (const ended of [words, json]) {
        expectRefusal(ended, EXIT.unreachable, /53300/)
        expect(ended.stderr).toMatch(/^hint:.*pg_use_reserved_connections/m)
      }
      const { outcome, connect } = parsed(json.stdout) as {
        outcome: string
        connect: { attempts: number; failed: number; byFailure: Record<string, number> }
      }
      expect(outcome).toBe('insufficient-data')
      expect(connect.attempts).toBeGreaterThan(0)
      expect(connect).toMatchObject({ failed: connect.attempts, byFailure: { [failure]: connect.attempts } })
      expect(words.stdout).toContain(`${failure} ×`)
      // Nothing was sampled: no number may stand for what was not seen.
      expect(words.stdout).not.toMatch(/^ +(?:AAS|Slots) +\d/m)
    })

    test.concurrent('record keeps what the attempts say, and the bundle says the same', async () => {
      const path = fresh('bundle.tar.gz')
      expectRefusal(await spillway(['record', url('guest'), path, '--for', '4s']), EXIT.unreachable, /53300/)
      const { code, stdout } = await spillway(['diagnose', '--from', path, '--json'])
      expect(code).toBe(EXIT.fine)
      const { outcome, connect } = parsed(stdout) as { outcome: string; connect: { byFailure: object } }
      expect(outcome).toBe('insufficient-data')
      expect(Object.keys(connect.byFailure)).toEqual([failure])
    })
  }

  describe('with reserved slots left', () => {
    refused('reserved-slots-only')

    test.concurrent('the hint can be pasted for any role name', async () => {
      const ended = await spillway(['slots', url('Odd%20Role')])
      expectRefusal(ended, EXIT.unreachable)
      expect(ended.stderr).toContain('TO "Odd Role"')
    })

    test.concurrent('a role that may use one of them is let in, and sees who holds the others', async () => {
      const { code, stdout, stderr } = await spillway(['diagnose', url('watcher'), '--for', '4s', '--json'])
      expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
      const diagnosis = parsed(stdout)
      expect(diagnosis.outcome).not.toBe('healthy')
      expect(diagnosis).toMatchObject({
        slots: { usable: USABLE, max: SETTINGS.max_connections, clamped: true },
        holders: [{ application: 'web', user: 'app', slots: USABLE, idle: USABLE }],
      })
      expectClean(stdout)
    })
  })

  describe('with none left at all', () => {
    beforeAll(async () => {
      const rest = SETTINGS.max_connections - USABLE
      for (let n = 0; n < rest; n++) clients.push(await clientOf(server.superuserUrl(), 'superuser'))
    })
    refused('slots-exhausted')
  })
})
