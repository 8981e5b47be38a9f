// spillway plan: remedies by what they would change, answers to what-if, and the headroom; --json is the file that can be applied.
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { gather, type Look } from '../gather.ts'
import { planScreen } from '../plan-screen.ts'

interface Options extends Look {
  whatIf?: string
  load?: string
}

export async function plan(context: Context, target: string | undefined, options: Options): Promise<number> {
  const app = await context.app()
  const { whatIf, load } = options
  // A mistake is told before anybody watches for a quarter of a minute.
  const factor = load === undefined ? undefined : app.loadFactor(load)
  const { evidence, problem, skipped = [] } = await gather(context, target, options)
  const diagnosis = app.diagnose(evidence)
  const made = await app.plan(diagnosis, evidence, {
    ...(whatIf === undefined ? {} : { whatIf }),
    ...(factor === undefined ? {} : { load: factor }),
  })
  if (options.json) context.print(JSON.stringify(app.sealPlan(made)))
  else context.print(planScreen({ ...diagnosis, skipped: [...skipped, ...diagnosis.skipped] }, made, context))
  if (problem) throw problem
  return EXIT.fine
}
