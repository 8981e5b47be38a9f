// Bounds how long one statement may run, so that a dear one cannot pile up.
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { type Remedy, TO_SET } from '../remedy.ts'
import { settingStep } from '../step.ts'

/** Times the longest statement of peace, and the least that anybody should set, milliseconds. */
const MARGIN = 3
const LEAST_MS = 1_000

export const statementTimeout: Remedy = {
  code: 'statement-timeout',
  answers: ['query-regression', 'load-surge'],
  risk: 'medium',
  outage: 'none',
  permissions: TO_SET,
  verify: 'no statement of the role runs longer (SQLSTATE 57014; MySQL: 3024, MariaDB: 1969)',
  weigh(s) {
    const running = s.now.flatMap(tick => tick.sessions?.filter(({ state }) => state === 'active') ?? [])
    if (running.length === 0) return undefined
    const { target } = s.evidence
    const usual = Math.max(0, ...s.before.flatMap(tick => longest(tick.sessions ?? [])))
    const title = 'a statement timeout'
    if (s.before.length === 0)
      return { title, reason: 'how long statements run in peace was not seen: a number would be a guess' }
    const ms = roundUp(Math.max(LEAST_MS, MARGIN * usual))
    const caught = running.filter(({ stateAgeMs = 0 }) => stateAgeMs > ms)
    if (caught.length === 0)
      return {
        title,
        reason: `no statement runs longer than ${ms / 1000} s, ${MARGIN} times the longest of peace`,
      }
    const user = s.finding.subject?.user ?? only(caught.flatMap(session => session.user ?? []))
    const setting = dialectOf(target.engine).statementTimeout(user, ms)
    return {
      horizon: 'for-good',
      forNewSessions: true,
      title: `${setting.name} = ${ms / 1000} s for ${setting.whom}`,
      effect: predict(
        s,
        {
          relieves:
            () =>
            ({ stateAgeMs = 0 }) =>
              stateAgeMs > ms,
        },
        `ends what runs longer than ${ms / 1000} s: ${(caught.length / s.now.length).toFixed(1)} of ${s.aas.toFixed(1)} active sessions; holds for new sessions`,
      ),
      cost: 'reports and migrations of the same role fail as well: give them a role of their own',
      reversible: true,
      steps: [settingStep(target, { ...setting.step, role: user })],
      commands: setting.commands,
    }
  },
}

const longest = (sessions: readonly { state: string; stateAgeMs?: number }[]): number[] =>
  sessions.flatMap(({ state, stateAgeMs }) =>
    state === 'active' && stateAgeMs !== undefined ? [stateAgeMs] : [],
  )

/** The one name they all have. */
const only = (names: string[]): string | undefined => (new Set(names).size === 1 ? names[0] : undefined)

const roundUp = (ms: number): number => 1000 * Math.ceil(ms / 1000)
