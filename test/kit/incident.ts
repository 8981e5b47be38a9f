// Incidents to diagnose: peace, and what comes after it.

import { diagnose } from '../../src/diagnosis/index.ts'
import type { Evidence } from '../../src/model/index.ts'
import { idle, refusedProbe, session, T0, type TickSpec, times, waiter } from './evidence.ts'

export const causes = (e: Evidence) => diagnose(e, T0).findings.map(finding => finding.cause)

export const peace: TickSpec = { sessions: [session('1')], idle: [idle(10)], signals: { commits_per_s: 100 } }

/** Ten peaceful ticks, then the given ones. */
export const calmThen = (incident: (second: number) => TickSpec) => (second: number) =>
  second < 10 ? peace : incident(second - 10)

/** A pile-up that grows by four sessions a second behind session 99, until the slots are gone. */
export const pileUp =
  (root: TickSpec['sessions'] & {}, lock?: Parameters<typeof waiter>[2]) =>
  (second: number): TickSpec => {
    const waiting = Math.min(26, 4 * (second + 1))
    return {
      sessions: [
        ...root,
        ...times(waiting, i => waiter(`w${i}`, ['99'], { stateAgeMs: 1000 * (second + 1), ...lock })),
      ],
      idle: [idle(9)],
      ...(waiting < 26 ? {} : { probe: refusedProbe }),
    }
  }

export const idleRoot = (second: number) =>
  session('99', {
    state: 'idle in transaction',
    application: 'billing',
    user: 'billing',
    stateAgeMs: 1000 * (second + 1),
    transactionAgeMs: 1000 * (second + 1),
  })
