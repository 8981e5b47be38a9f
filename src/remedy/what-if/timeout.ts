// What if a timeout were set: which sessions of now it would have ended.
import type { SessionSample, SettingUnit, Tick } from '../../model/index.ts'
import { FREE } from '../price.ts'
import { behindIn, meanOf, type Scene } from '../situation.ts'
import { settingStep } from '../step.ts'
import type { Answer, Question } from './question.ts'
import { type Asked, milliseconds } from './value.ts'

/** The parameter's own unit, and what it ends. */
const TIMEOUTS: Record<
  string,
  { unit: SettingUnit & ('ms' | 's'); ends: 'transaction' | 'idle' | 'lock' | 'statement' | 'login' }
> = {
  idle_in_transaction_session_timeout: { unit: 'ms', ends: 'transaction' },
  idle_transaction_timeout: { unit: 's', ends: 'transaction' },
  idle_session_timeout: { unit: 'ms', ends: 'idle' },
  wait_timeout: { unit: 's', ends: 'idle' },
  interactive_timeout: { unit: 's', ends: 'idle' },
  lock_timeout: { unit: 'ms', ends: 'lock' },
  innodb_lock_wait_timeout: { unit: 's', ends: 'lock' },
  lock_wait_timeout: { unit: 's', ends: 'lock' },
  statement_timeout: { unit: 'ms', ends: 'statement' },
  max_execution_time: { unit: 'ms', ends: 'statement' },
  max_statement_time: { unit: 's', ends: 'statement' },
  connect_timeout: { unit: 's', ends: 'login' },
  authentication_timeout: { unit: 's', ends: 'login' },
}

export const TIMEOUT_QUESTIONS: readonly Question[] = [{ names: Object.keys(TIMEOUTS), answer: timeout }]

function timeout(s: Scene, asked: Asked): Answer {
  const { unit, ends } = TIMEOUTS[asked.name]!
  const ms = milliseconds(asked, unit)
  const after = unit === 's' ? ms / 1000 : ms
  if (asked.name !== 'max_statement_time' && !Number.isInteger(after))
    throw asked.refused(`is no whole number of ${unit}`, `Give a multiple of one ${unit}.`)
  const steps = [settingStep(s.evidence.target, { name: asked.name, after, unit })]
  if (ms === 0) return { price: FREE, steps, notes: [`${asked.name} = 0 turns it off`] }
  const answer = { price: FREE, steps, ...ended(s, ends, ms) }
  if (ends === 'login') return answer
  // Of what waits or idles at the moment nothing is promised in either case.
  const holds =
    s.evidence.target.engine === 'postgres'
      ? 'sessions of now take it with their next statement: longer jobs of theirs end, too'
      : 'it holds for new sessions'
  return { ...answer, forNewSessions: true, notes: [...(answer.notes ?? []), holds] }
}

function ended(s: Scene, ends: (typeof TIMEOUTS)[string]['ends'], ms: number): Answer {
  const old = ({ stateAgeMs = 0 }: SessionSample) => stateAgeMs > ms
  const count = (of: (session: SessionSample) => boolean) =>
    meanOf(s.now, tick => tick.sessions?.filter(of).length ?? 0)
  switch (ends) {
    case 'transaction': {
      const caught = (session: SessionSample) =>
        session.state.startsWith('idle in transaction') && old(session)
      const freed = count(caught)
      const behind = (tick: Tick) =>
        new Set((tick.sessions ?? []).filter(caught).flatMap(({ id }) => [...behindIn(tick, id)]))
      return {
        change: {
          relieves: tick => {
            const waiting = behind(tick)
            return ({ id }) => waiting.has(id)
          },
          slots: { certain: freed, likely: freed },
          ...(freed > 0 ? { restores: true, endsGrowth: true } : {}),
        },
        notes: [`${freed.toFixed(1)} transactions of now idle longer than that`],
      }
    }
    case 'idle': {
      // Of a group only its oldest is known: either some or all are that old.
      const likely = meanOf(s.now, tick =>
        (tick.idle ?? [])
          .filter(({ oldestStateAgeMs }) => oldestStateAgeMs > ms)
          .reduce((sum, group) => sum + (group.unusedCount ?? 1), 0),
      )
      return {
        change: { slots: { certain: 0, likely } },
        notes: [`about ${likely.toFixed(0)} sessions of now idle longer than that`],
      }
    }
    case 'lock':
      return {
        change: { relieves: () => session => session.waitClass === 'Lock' && old(session) },
        notes: ['the holder goes on holding; those who wait longer get an error'],
      }
    case 'statement':
      return {
        change: { relieves: () => old },
        notes: [
          `${count(session => session.state === 'active' && old(session)).toFixed(1)} statements of now run longer than that`,
        ],
      }
    case 'login': {
      const freed = count(session => session.state === 'starting' && old(session))
      return {
        change: { slots: { certain: freed, likely: freed } },
        notes: [`${freed.toFixed(1)} logins of now are older than that`],
      }
    }
  }
}
