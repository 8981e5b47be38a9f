// What must hold when a server dies in the middle of whatever it was saying, for any engine: told as what it is, in
// bounded time, and no socket is left.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AppError, type Engine, PHASES, probeMs } from '../../src/model/index.ts'
import { openSockets, places, type Relay, relayTo } from './relay.ts'
import { describeWith } from './require.ts'

export interface Subject {
  port: number
  /** Reaches it through the relay at that port. */
  engine(port: number, tls: boolean, connectMs: number): Engine
  stop(): Promise<void>
}

const PATIENT_MS = 10_000
const HURRIED_MS = 250
/** The end of the last answer, and what TLS says after it. */
const LAST_BYTES = 30

export const describeCuts = (name: string, available: boolean, start: () => Promise<Subject>): void =>
  describeWith(name, available, () => {
    let subject: Subject
    let relay: Relay
    let before: number

    beforeAll(async () => {
      subject = await start()
      relay = await relayTo(subject.port)
      before = openSockets()
    })
    afterEach(async () => {
      relay.breakAfter(Number.POSITIVE_INFINITY, 'reset')
      await expect.poll(openSockets, { timeout: PATIENT_MS }).toBeLessThanOrEqual(before)
    })
    afterAll(async () => {
      await relay?.close()
      await subject?.stop()
    })

    const engine = (tls: boolean, connectMs = PATIENT_MS) => subject.engine(relay.port, tls, connectMs)

    describe.each([false, true])('TLS %s', tls => {
      /** Bytes of the server's in a whole attempt, almost to the end of the answer. */
      const bytesOfProbe = async () => {
        // MySQL has more to say to who comes for the first time.
        for (let n = 0; n < 2; n++) expect(await engine(tls).probe()).toMatchObject({ ok: true })
        return relay.said() - LAST_BYTES
      }

      test.each(['reset', 'goodbye'] as const)('the probe, by a %s at any byte', async how => {
        const phases = new Set<string>()
        for (const bytes of places(await bytesOfProbe(), 40)) {
          relay.breakAfter(bytes, how)
          const { failure, phase, native } = await engine(tls).probe()
          expect(['connection-reset', 'session-ended'], `${bytes} ${native?.message}`).toContain(failure)
          phases.add(phase!)
        }
        expect(phases).toContain('authenticate')
        expect(phases.has('tls')).toBe(tls)
      })

      test('the probe, by silence: half open', async () => {
        for (const bytes of places(await bytesOfProbe(), 5)) {
          relay.breakAfter(bytes, 'silence')
          const probe = await engine(tls, HURRIED_MS).probe()
          expect(['handshake-timeout', 'query-timeout']).toContain(probe.failure)
          expect(probeMs(probe)).toBeLessThan(PHASES.length * HURRIED_MS)
        }
      })

      test.each(['reset', 'goodbye'] as const)(
        'opening the held connection, by a %s at any byte',
        async how => {
          const watcher = await engine(tls).connect()
          const all = relay.said()
          await watcher.close()
          for (const bytes of places(all, 25)) {
            relay.breakAfter(bytes, how)
            const error = await engine(tls)
              .connect()
              .catch((caught: AppError) => caught)
            expect([bytes, (error as AppError).code]).toEqual([bytes, 'connection-lost'])
          }
        },
      )
    })

    test.each([
      ['reset', 'connection-lost'],
      ['goodbye', 'connection-lost'],
      ['silence', 'no-answer'],
    ] as const)('in the middle of a sample: %s', async (how, code) => {
      const first = await engine(false).connect()
      const greeted = relay.said()
      await first.sample()
      const sampled = relay.said()
      await first.close()
      relay.breakAfter(Math.floor((greeted + sampled) / 2), how)
      const watcher = await engine(false).connect()
      await expect(watcher.sample()).rejects.toMatchObject({ code })
      expect(watcher.closed).toBe(true)
      await watcher.close()
    })
  })
