// Lets a statement give up waiting for a lock, so that a queue sheds itself instead of taking every slot.
import { dialectOf } from '../dialect.ts'
import type { Remedy } from '../remedy.ts'
import { effect } from '../situation.ts'

const TIMEOUT_S = 5
const TIMEOUT = `${TIMEOUT_S}s`

export const lockTimeout: Remedy = {
  code: 'lock-timeout',
  weigh(s) {
    const last = s.now.at(-1)
    const waiting = last?.sessions?.filter(({ waitClass }) => waitClass === 'Lock') ?? []
    if (waiting.length === 0) return undefined
    const users = [...new Set(waiting.flatMap(({ user }) => user ?? []))].sort()
    const dialect = dialectOf(s.evidence.target.engine)
    const setting = dialect.lockTimeout(users, TIMEOUT_S, s.finding.kind)
    return {
      horizon: 'for-good',
      title: `${setting.name} = ${TIMEOUT} for ${setting.whom}`,
      effect: effect(s, {
        sessions: 0,
        slots: 0,
        connectsRecover: false,
        summary: `bounds a queue to what arrives in ${TIMEOUT}; the holder goes on holding`,
      }),
      cost: `statements that wait longer than ${TIMEOUT} fail with ${setting.error} and have to be tried again`,
      reversible: true,
      commands: setting.commands,
    }
  },
}
