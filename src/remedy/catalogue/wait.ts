// Does nothing, and says why that is best; or why it is not.
import { predict } from '../predict.ts'
import { NO_PERMISSIONS, type StandingRemedy } from '../remedy.ts'
import type { Scene } from '../situation.ts'

export const wait: StandingRemedy = {
  code: 'wait',
  answers: 'evidence',
  risk: 'low',
  outage: 'none',
  permissions: NO_PERMISSIONS,
  verify: 'attempts go on succeeding, and the slots in use do not grow',
  weigh(s) {
    if (s.now.length === 0) return undefined
    const otherwise = predict(s, {})
    const title = 'wait and watch'
    const why = reasonToWait(s, otherwise.connectsRecover && (otherwise.failures?.after ?? 0) === 0)
    if (why === undefined) {
      const left = otherwise.timeToExhaustion
      const full = s.usable !== undefined && s.slots >= s.usable
      const text = full
        ? 'the slots are gone, and nothing gives them back'
        : left !== undefined && left !== 'never'
          ? `the slots are gone in about ${Math.round(left.p50)} s`
          : 'it goes on, and does not end by itself'
      return { title, reason: text }
    }
    return {
      horizon: 'now',
      title,
      effect: { ...otherwise, summary: why },
      cost: 'none, if somebody goes on watching',
      reversible: true,
      steps: [],
      commands: [],
    }
  },
}

function reasonToWait({ diagnosis, usable, slots }: Scene, goesWell: boolean): string | undefined {
  const { incident, outcome } = diagnosis
  if (!incident)
    return outcome === 'healthy'
      ? `nothing is wrong${usable === undefined ? '' : `: ${Math.round(slots)} of ${usable} usable slots are in use`}`
      : undefined
  // What is over by itself may come again: the remedies for good stand behind this one.
  if (!incident.ongoing)
    return 'it is over by itself, and attempts succeed; what keeps it from coming back is below'
  const calm = diagnosis.findings.every(({ severity }) => severity === 'notice')
  return goesWell && calm ? 'the level settles below the ceiling, and attempts succeed' : undefined
}
