import { describe, expect, test } from 'vitest'
import { SESSION_CAUSES } from '../../model/index.ts'
import { SCENARIOS, SPECS, scenario } from './index.ts'

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0)

const ALL = SPECS.flatMap(spec => spec.engines.map(engine => spec.on(engine)))

test('names are unique and lead to their scenario, on the engines that it is for', () => {
  expect(new Set(SPECS.map(({ name }) => name)).size).toBe(SPECS.length)
  for (const each of ALL) expect(scenario(each.name, each.engine)).toEqual(each)
  expect(scenario('no-such-scenario')).toBeUndefined()
})

test('every cause has an incident, and where nothing is wrong a scenario says so', () => {
  const causes = new Set(ALL.flatMap(({ truth }) => (truth === null ? [] : [truth.cause])))
  expect([...SESSION_CAUSES].filter(cause => !causes.has(cause))).toEqual([])
  expect(ALL.some(({ truth, fault }) => truth === null && fault.length === 0)).toBe(true)
})

test('what the demo shows runs on PostgreSQL', () => {
  expect(SCENARIOS.map(({ engine }) => engine)).toEqual(SCENARIOS.map(() => 'postgres'))
})

describe.each(ALL.map(each => [each.name, each.engine, each] as const))('%s on %s', (_, __, whole) => {
  const { services, settings, fault } = whole
  const usable = Number(settings.max_connections) - Number(settings.superuser_reserved_connections ?? 0)

  test('survives the way into another process', () => {
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
      if (step.do === 'network') expect(whole.relay).toBeDefined()
      if (step.do === 'limit') expect(whole.limits).toBeDefined()
      if (!('service' in step)) continue
      const service = services.find(({ name }) => name === step.service)
      expect(service).toBeDefined()
      if (step.do === 'traffic') expect(service!.requests.map(({ name }) => name)).toContain(step.request)
    }
  })
})
