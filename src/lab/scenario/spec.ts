// A scenario before its engine is known: a name, and how to write it down in the engine's words.
import { ENGINES, type EngineName } from '../../model/index.ts'
import type { Scenario } from '../scenario.ts'
import { type Shop, shopOf } from './shop.ts'

export interface ScenarioSpec {
  name: string
  title: string
  engines: readonly EngineName[]
  /** Throws for an engine that is not among them. */
  on(engine: EngineName): Scenario
}

type Change = Pick<Scenario, 'fault' | 'truth'> & Partial<Omit<Scenario, 'name' | 'title' | 'engine'>>

/** `change`: what is otherwise than on an ordinary day. */
export const spec = (
  name: string,
  title: string,
  change: (shop: Shop) => Change,
  engines: readonly EngineName[] = ENGINES,
): ScenarioSpec => ({
  name,
  title,
  engines,
  on: engine => {
    if (!engines.includes(engine)) throw new Error(`${name} is not for ${engine}`)
    const shop = shopOf(engine)
    const { settings, schema } = shop.dialect
    const ordinary = {
      settings,
      schema: schema(),
      services: shop.services,
      baselineMs: 10_000,
      faultMs: 20_000,
    }
    return { name, title, engine, ...ordinary, ...change(shop) }
  },
})
