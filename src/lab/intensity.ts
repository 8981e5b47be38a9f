// The same fault, milder or harder.
import type { FaultStep, Limits, Scenario } from './scenario.ts'

/** Whatever a step has for a size is multiplied. A fault without one, as a lock that is held, hits as hard as requests arrive. */
export const intensified = (scenario: Scenario, times: number): Scenario => {
  if (times === 1) return scenario
  const sized = scenario.fault.map(step => sizedStep(step, times))
  if (sized.some((step, i) => step !== scenario.fault[i])) return { ...scenario, fault: sized }
  const services = scenario.services.map(service => ({
    ...service,
    requests: service.requests.map(request => ({ ...request, perS: request.perS * times })),
  }))
  return { ...scenario, services }
}

/** The step itself where it has no size. */
const sizedStep = (step: FaultStep, times: number): FaultStep => {
  switch (step.do) {
    case 'traffic':
      // What comes more seldom cannot come less than never.
      return { ...step, times: step.times < 1 ? step.times : 1 + (step.times - 1) * times }
    case 'leak':
      return { ...step, perS: step.perS * times }
    case 'scale-out':
      return { ...step, everyMs: step.everyMs / times }
    case 'repeat':
      return { ...step, sessions: Math.max(1, Math.round(step.sessions * times)) }
    case 'burn':
      return { ...step, processes: Math.max(1, Math.round(step.processes * times)) }
    case 'limit':
      return { ...step, limits: scarcer(step.limits, times) }
    case 'network':
      if (step.how === 'delay') return { ...step, ms: step.ms * times }
      return step.how === 'lose' ? { ...step, share: Math.min(0.9, step.share * times) } : step
    default:
      return step
  }
}

const scarcer = (limits: Limits, times: number): Limits =>
  Object.fromEntries(
    Object.entries(limits).map(([name, size]) => [name, Math.max(1, Math.round(size / times))]),
  )
