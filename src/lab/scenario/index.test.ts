import { describe, expect, test } from 'vitest'
import { SESSION_CAUSES } from '../../model/index.ts'
import { SCENARIOS, scenario } from './index.ts'

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0)

test('names are unique and lead to their scenario', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length)
  for (const each of SCENARIOS) expect(scenario(each.name)).toBe(each)
  expect(scenario('no-such-scenario')).toBeUndefined()
})

test('every cause that sessions can tell has an incident, and one scenario has none', () => {
  const causes = new Set(SCENARIOS.flatMap(({ truth }) => (truth === null ? [] : [truth.cause])))
  expect([...causes].sort()).toEqual([...SESSION_CAUSES].sort())
  expect(SCENARIOS.filter(({ truth }) => truth === null).map(({ fault }) => fault)).toEqual([[]])
})

describe.each(SCENARIOS.map(each => [each.name, each] as const))(
  '%s',
  (_, { services, settings, fault, ...rest }) => {
    const usable = Number(settings.max_connections) - Number(settings.superuser_reserved_connections)

    test('survives the way into another process', () => {
      const whole = { services, settings, fault, ...rest }
      expect(JSON.parse(JSON.stringify(whole))).toEqual(whole)
    })

    test('uses less than half of the slots in peace, and its pools could take more than all', () => {
      const instances = services.map(({ instances = 1 }) => instances)
      const min = sum(services.map(({ pool }, i) => pool.min * instances[i]!))
      const max = sum(services.map(({ pool }, i) => pool.max * instances[i]!))
      expect(min).toBeLessThan(usable / 2)
      expect(max).toBeGreaterThan(usable)
    })

    test('its fault concerns services and requests that exist', () => {
      for (const step of fault) {
        if (!('service' in step)) continue
        const service = services.find(({ name }) => name === step.service)
        expect(service).toBeDefined()
        if (step.do === 'traffic') expect(service!.requests.map(({ name }) => name)).toContain(step.request)
      }
    })
  },
)
