// Cancels what the session at the root runs, and leaves the session: the milder way to end a blocker that works.
import type { SessionSample } from '../../model/index.ts'
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { plural, type Remedy } from '../remedy.ts'
import { behindIn, othersTake, type Situation, slotsGivenBack } from '../situation.ts'
import { sessionStep } from '../step.ts'

export const cancelStatement: Remedy = {
  code: 'cancel-statement',
  answers: ['lock-contention', 'query-regression'],
  risk: 'medium',
  outage: 'session',
  permissions: {
    iam: [],
    grants: ['pg_signal_backend (PostgreSQL)', 'CONNECTION_ADMIN (MySQL), CONNECTION ADMIN (MariaDB)'],
  },
  verify: 'the statement is not running any more, and those behind it go on',
  weigh(s) {
    if (s.diagnosis.incident && !s.diagnosis.incident.ongoing) return undefined
    const victim = victimOf(s)
    const last = s.now.at(-1)
    if (!victim || !last) return undefined
    const behind = behindIn(last, victim.id)
    const { engine } = s.evidence.target
    const title = `cancel the statement of session ${victim.id}`
    if (victim.waitClass === 'Commit')
      return { title, reason: 'it waits for its own commit, and whoever comes after it waits for the same' }
    if (engine !== 'postgres' && behind.size > 0)
      return { title, reason: 'its transaction stays open and keeps its locks: end the session' }
    const likely = slotsGivenBack(s, behind, 0)
    return {
      horizon: 'now',
      title,
      effect: predict(
        s,
        {
          relieves: tick => {
            const waiting = behindIn(tick, victim.id)
            return ({ id }) => id === victim.id || waiting.has(id)
          },
          ...(behind.size > 0 ? { restores: true, endsGrowth: !othersTake(s) } : {}),
          slots: { certain: 0, likely },
        },
        behind.size > 0
          ? `frees ${plural(behind.size, 'session')}; its transaction is rolled back and the session stays`
          : 'ends one of them: the next call is as dear',
      ),
      cost: 'its client gets an error (57014; MySQL: 1317) and has to run it again',
      reversible: false,
      steps: [sessionStep('cancel-statement', victim)],
      commands: [dialectOf(engine).cancelStatement(victim.id)],
      subject: { session: victim },
    }
  },
}

/** One that runs something: the head that others wait for, or the oldest of the dear statement. */
function victimOf({ finding, now }: Situation): SessionSample | undefined {
  const sessions = now.at(-1)?.sessions ?? []
  const { session: head, statementId } = finding.subject ?? {}
  if (head)
    return sessions.find(
      ({ id, state, waitClass }) => id === head.id && state === 'active' && waitClass !== 'Lock',
    )
  return sessions
    .filter(
      session =>
        session.state === 'active' && statementId !== undefined && session.statementId === statementId,
    )
    .sort((a, b) => (b.stateAgeMs ?? 0) - (a.stateAgeMs ?? 0))[0]
}
