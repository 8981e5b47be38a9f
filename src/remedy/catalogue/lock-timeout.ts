// Lets a statement give up waiting for a lock, so that a queue sheds itself instead of taking every slot.
import { identifier, type Remedy } from '../remedy.ts'
import { effect } from '../situation.ts'

const TIMEOUT = '5s'

export const lockTimeout: Remedy = {
  code: 'lock-timeout',
  weigh(s) {
    const last = s.now.at(-1)
    const waiting = last?.sessions?.filter(({ waitClass }) => waitClass === 'Lock') ?? []
    if (waiting.length === 0) return undefined
    const users = [...new Set(waiting.flatMap(({ user }) => user ?? []))].sort()
    return {
      horizon: 'for-good',
      title: `lock_timeout = ${TIMEOUT} for the roles that queue (${users.join(', ')})`,
      effect: effect(s, {
        sessions: 0,
        slots: 0,
        connectsRecover: false,
        summary: `bounds a queue to what arrives in ${TIMEOUT}; the holder goes on holding`,
      }),
      cost: `statements that wait longer than ${TIMEOUT} fail with 55P03 and have to be tried again`,
      reversible: true,
      commands: users.map(user => `alter role ${identifier(user)} set lock_timeout = '${TIMEOUT}'`),
    }
  },
}
