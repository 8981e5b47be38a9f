// A part of the composition root: plans with what there is to buy, where the database is on RDS.
import type { EngineOptions } from './engines.ts'
import type { Clock, Diagnosis, Evidence, Plan } from './model/index.ts'
import { type PlanOptions, plan, priceOf } from './remedy/index.ts'

/** Asks the catalogue of AWS for prices where the database is on RDS. Throws AppError `option-invalid`. */
export const planning =
  (clock: Clock) =>
  async (
    diagnosis: Diagnosis,
    evidence: Evidence,
    options: Omit<PlanOptions, 'market'> = {},
  ): Promise<Plan> => {
    const { target } = evidence
    const market = target.instance ? (await import('./aws/index.ts')).marketOf(target) : undefined
    return plan(diagnosis, evidence, clock.now(), { ...options, ...(market ? { market } : {}) })
  }

/** What `--set name=value …` comes to, as a plan. Throws AppError. */
export const planningByHand =
  (clock: Clock, env: NodeJS.ProcessEnv) =>
  async (target: string, settings: Record<string, string>, options: EngineOptions, signal?: AbortSignal) => {
    const { marketOf, openModify } = await import('./aws/index.ts')
    const modify = openModify(target, options, env)
    try {
      const { plan: made, operations } = await modify.plan(settings, { now: clock.now() }, signal)
      const { manual } = made
      if (!manual) return { plan: made, operations }
      const price = priceOf(made.target, marketOf(made.target), manual.steps)
      return { plan: { ...made, manual: { ...manual, price } }, operations }
    } finally {
      modify.close()
    }
  }
