// Ends the one session at the root: its transaction is rolled back, and everybody behind it goes on.
import { blocking } from '../../load/index.ts'
import type { SessionSample } from '../../model/index.ts'
import { dialectOf } from '../dialect.ts'
import { plural, type Remedy } from '../remedy.ts'
import { effect, type Situation, slotsGivenBack, waitingBehind } from '../situation.ts'

export const endSession: Remedy = {
  code: 'end-session',
  weigh(s) {
    // Once it is over there is nobody left to end, and the id may be another's by now.
    if (s.diagnosis.incident && !s.diagnosis.incident.ongoing) return undefined
    const victim = chooseVictim(s)
    if (!victim) return undefined
    const freed = waitingBehind(s, victim.id)
    const slots = slotsGivenBack(s, freed.last, 1)
    const waits = victim.waitClass === 'Lock'
    const who = victim.application || victim.user || 'unknown'
    return {
      horizon: 'now',
      title: `end session ${victim.id} (${who})`,
      effect: effect(s, {
        sessions: freed.mean + (victim.state === 'active' ? 1 : 0),
        slots,
        connectsRecover: s.usable === undefined || s.slots - slots < s.usable,
        summary: `frees ${plural(Math.round(freed.last.size), 'session')} and ${plural(Math.round(slots), 'slot')}${slots > 1 ? ' as the pools let go of what they no longer use' : ''}`,
      }),
      cost: waits
        ? 'its statement has to be run again; it has changed nothing yet'
        : 'its transaction is rolled back, and its client sees a lost connection',
      reversible: false,
      action: {
        kind: 'end-session',
        session: {
          id: victim.id,
          state: victim.state,
          ...(victim.startedAt ? { startedAt: victim.startedAt } : {}),
        },
      },
      commands: [dialectOf(s.evidence.target.engine).endSession(victim.id)],
      subject: { session: victim },
    }
  },
}

/** The head of the tree; for a DDL queue the waiting DDL, which holds everybody up and has done nothing yet. */
function chooseVictim({ finding, now }: Situation): SessionSample | undefined {
  const head = finding.subject?.session
  const last = now.at(-1)
  if (!head || !last) return undefined
  const inTree = (id: string) => blocking(last).headOf.get(id) === head.id
  const ddl =
    finding.kind === 'ddl-queue' && last.sessions?.find(({ id, lock }) => lock?.exclusive && inTree(id))
  return ddl || last.sessions?.find(({ id }) => id === head.id)
}
