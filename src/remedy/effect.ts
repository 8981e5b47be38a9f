// An effect as it is written down: without what only the model needs.
import type { Effect } from '../model/index.ts'

export function effectOnly(effect: Effect & { saturated?: boolean }): Effect {
  const { saturated: _, ...rest } = effect
  return rest
}
