// Lets a statement give up waiting for a lock, so that a queue sheds itself instead of taking every slot.
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { type Remedy, TO_SET } from '../remedy.ts'
import { settingStep } from '../step.ts'

const TIMEOUT_S = 5
const TIMEOUT = `${TIMEOUT_S}s`

export const lockTimeout: Remedy = {
  code: 'lock-timeout',
  answers: ['lock-contention'],
  risk: 'medium',
  outage: 'none',
  permissions: TO_SET,
  verify: `no session waits longer than ${TIMEOUT} for a lock`,
  weigh(s) {
    const last = s.now.at(-1)
    const waiting = last?.sessions?.filter(({ waitClass }) => waitClass === 'Lock') ?? []
    if (waiting.length === 0) return undefined
    const users = [...new Set(waiting.flatMap(({ user }) => user ?? []))].sort()
    const { target } = s.evidence
    const setting = dialectOf(target.engine).lockTimeout(users, TIMEOUT_S, s.finding.kind)
    const roles = target.engine === 'postgres' && users.length > 0 ? users : [undefined]
    return {
      horizon: 'for-good',
      forNewSessions: true,
      title: `${setting.name} = ${TIMEOUT} for ${setting.whom}`,
      effect: predict(
        s,
        {
          relieves: () => session =>
            session.waitClass === 'Lock' && (session.stateAgeMs ?? 0) > 1000 * TIMEOUT_S,
          // Those that arrive go on waiting for as long as they may.
          floor: { Lock: Math.min(waiting.length, TIMEOUT_S * (s.growthPerS ?? 0)) },
        },
        `bounds a queue to what arrives in ${TIMEOUT}; the holder goes on holding; holds for new sessions`,
      ),
      cost: `statements that wait longer than ${TIMEOUT} fail with ${setting.error} and have to be tried again`,
      reversible: true,
      steps: roles.map(role => settingStep(target, { ...setting.step, role })),
      commands: setting.commands,
    }
  },
}
