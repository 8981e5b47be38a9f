// Every way a database can be out of reach, by every verb: one line, one hint, the right exit code, in bounded time.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConnectSummary, EXIT, type Failure } from '../../src/model/index.ts'
import {
  AVAILABLE,
  type Certificate,
  clientOf,
  hasOpenssl,
  makeCertificate,
  type PostgresServer,
  startPostgres,
} from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { spillway } from '../kit/spillway.ts'
import {
  deadPeer,
  expectRefusal,
  freshPaths,
  httpPeer,
  type Peer,
  parsed,
  SECRET,
  silentPeer,
} from './kit.ts'

const fresh = freshPaths()

interface Refusal {
  name: string
  /** Known when the tests run, not before. */
  target: () => string
  code: number
  failure: Failure
  /** The native code, as the line of the error quotes it. */
  native: RegExp
}

/** The longest that a verb may take, milliseconds: four attempts to connect, each to its deadline. */
const WITHIN_MS = 15_000

/** One row of the table by every verb, all at once: most of the time they wait. */
function refusedByEveryVerb(refusal: Refusal): void {
  const { name, target, code, failure, native } = refusal
  describe.concurrent(name, () => {
    test.each(['doctor', 'slots', 'blocking'])('%s', async verb => {
      const ended = await spillway([verb, target()])
      expectRefusal(ended, code, native)
      expect(ended.stdout).toBe('')
      expect(ended.ms).toBeLessThan(WITHIN_MS)
    })

    test('diagnose prints what the attempts alone say', async () => {
      const ended = await spillway(['diagnose', target(), '--for', '2s', '--json'])
      expectRefusal(ended, code, native)
      expect(ended.ms).toBeLessThan(WITHIN_MS)
      const { outcome, connect } = parsed(ended.stdout)
      expect(outcome).toBe('insufficient-data')
      const { attempts, failed, byFailure } = connect as ConnectSummary
      expect(attempts).toBeGreaterThan(0)
      expect({ failed, byFailure }).toEqual({ failed: attempts, byFailure: { [failure]: attempts } })
    })

    test('record keeps them', async () => {
      const folder = fresh('bundle')
      const ended = await spillway(['record', target(), folder, '--for', '2s'])
      expectRefusal(ended, code, native)
      expect(ended.ms).toBeLessThan(WITHIN_MS)
      const kept = readFileSync(join(folder, 'probes.ndjson'), 'utf8').trim().split('\n')
      for (const line of kept) expect(JSON.parse(line)).toMatchObject({ ok: false, failure })
    })

    test('probe names the phase, the reason and what to do', async () => {
      const ended = await spillway(['probe', target(), '--json'])
      expect(ended.code).toBe(code)
      expect(ended.ms).toBeLessThan(WITHIN_MS)
      expect(parsed(ended.stdout)).toMatchObject({ schema: 'spillway/probe/v1', ok: false, failure })
      expectRefusal(ended, code, native)
    })
  })
}

describe('a peer that is no PostgreSQL server', () => {
  const peers: Peer[] = []
  const url = (port: number | undefined) => `postgres://app:${SECRET}@127.0.0.1:${port}/app`
  beforeAll(async () => {
    peers.push(await deadPeer(), await silentPeer(), await httpPeer())
  })
  afterAll(() => Promise.all(peers.map(({ close }) => close())))

  const refusals: Refusal[] = [
    {
      name: 'an unknown host',
      target: () => `postgres://app:${SECRET}@name.invalid/app`,
      code: EXIT.unreachable,
      failure: 'name-not-resolved',
      native: /ENOTFOUND|EAI_AGAIN/,
    },
    {
      name: 'a port that nobody listens on',
      target: () => url(peers[0]?.port),
      code: EXIT.unreachable,
      failure: 'connection-refused',
      native: /ECONNREFUSED/,
    },
    {
      name: 'one that accepts and never answers',
      target: () => url(peers[1]?.port),
      code: EXIT.unreachable,
      failure: 'handshake-timeout',
      native: /\d+ ms/,
    },
    {
      name: 'one that speaks HTTP',
      target: () => url(peers[2]?.port),
      code: EXIT.unreachable,
      failure: 'not-this-protocol',
      native: /HTTP\/1\.1 400/,
    },
  ]
  for (const refusal of refusals) refusedByEveryVerb(refusal)

  test.concurrent.each([1, 2, 3])('the shortest watch has one attempt, time and again (%i)', async () => {
    const { stdout } = await spillway(['diagnose', url(peers[0]?.port), '--for', '1s', '--json'])
    expect(parsed(stdout)).toMatchObject({ connect: { attempts: 1, failed: 1 } })
  })
})

describeWith('PostgreSQL with TLS', AVAILABLE.size > 0 && hasOpenssl(), () => {
  let server: PostgresServer
  let certificate: Certificate
  const url = (user: string, rest = 'postgres') => `postgres://${user}@127.0.0.1:${server.port}/${rest}`

  beforeAll(async () => {
    certificate = makeCertificate('localhost')
    server = await startPostgres({
      tls: certificate,
      hba: [
        'host all locked 127.0.0.1/32 scram-sha-256',
        'hostssl all encrypted 127.0.0.1/32 trust',
        'hostnossl all encrypted 127.0.0.1/32 reject',
      ],
    })
    const admin = await clientOf(server.superuserUrl())
    await admin.query(`create role app login; create role encrypted login;
      create role locked login password 'the right one'`)
    await admin.end()
  })
  afterAll(async () => {
    await server?.stop()
    certificate?.remove()
  })

  const refusals: Refusal[] = [
    {
      name: 'a wrong password',
      target: () => url(`locked:${SECRET}`),
      code: EXIT.denied,
      failure: 'authentication-failed',
      native: /28P01/,
    },
    {
      name: 'an unknown database',
      target: () => url(`app:${SECRET}`, 'nowhere'),
      code: EXIT.unreachable,
      failure: 'database-unknown',
      native: /3D000/,
    },
    {
      name: 'TLS only, and a client without',
      target: () => url(`encrypted:${SECRET}`, 'postgres?sslmode=disable'),
      code: EXIT.unreachable,
      failure: 'tls-required',
      native: /28000/,
    },
  ]
  for (const refusal of refusals) refusedByEveryVerb(refusal)

  test('TLS only, and a client with', async () => {
    const { code, stdout } = await spillway(['probe', url('encrypted'), '--json'])
    expect(code).toBe(EXIT.fine)
    expect(parsed(stdout)).toMatchObject({ ok: true })
  })
})
