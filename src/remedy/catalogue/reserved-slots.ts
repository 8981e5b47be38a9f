// Keeps slots for the operator, so that somebody can still look when all others are taken.
import { predict } from '../predict.ts'
import { type StandingRemedy, TO_SET } from '../remedy.ts'
import { settingStep } from '../step.ts'

/** One to watch, one to act, one to look for oneself. */
const SLOTS = 3
const NAME = 'reserved_connections'
const SINCE = 16

export const reservedSlots: StandingRemedy = {
  code: 'reserved-slots',
  answers: 'evidence',
  risk: 'low',
  outage: 'restart',
  permissions: { ...TO_SET, iam: [...TO_SET.iam, 'rds:RebootDBInstance'] },
  verify: 'a role with pg_use_reserved_connections connects while the slots are taken',
  weigh(s) {
    const { limits, target } = s.evidence
    if (!limits || s.usable === undefined || s.diagnosis.incident === undefined) return undefined
    const wereTaken =
      s.diagnosis.slots.clamped || (s.diagnosis.connect.byFailure['reserved-slots-only'] ?? 0) > 0
    if (!wereTaken || target.engine !== 'postgres') return undefined
    if ((limits.reserved[NAME] ?? 0) >= SLOTS) return undefined
    const title = `${NAME} = ${SLOTS}`
    const version = Number.parseInt(target.engineVersion ?? '', 10)
    if (!(version >= SINCE))
      return {
        title: 'slots for the operator',
        reason: `${NAME} is there since PostgreSQL ${SINCE}; a superuser has reserved ones`,
      }
    const had = limits.reserved[NAME] ?? 0
    return {
      horizon: 'for-good',
      title,
      effect: predict(
        s,
        { usable: s.usable - SLOTS + had },
        `cures nothing: lets Spillway and an operator in when all other slots are taken; ${SLOTS - had} fewer for applications`,
      ),
      cost: 'a restart, which ends every session: let it ride along with another one',
      reversible: true,
      steps: [settingStep(target, { name: NAME, before: had, after: SLOTS, needsRestart: true })],
      commands: [`alter system set ${NAME} = ${SLOTS}`, 'grant pg_use_reserved_connections to spillway'],
    }
  },
}
