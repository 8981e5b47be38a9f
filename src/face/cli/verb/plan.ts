// spillway plan: remedies by what they would change, answers to what-if, and the headroom; --json is the file that can be applied.
import { AppError, EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { gather, type Look } from '../gather.ts'
import { planScreen, priceText } from '../plan-screen.ts'

interface Options extends Look {
  whatIf?: string
  load?: string
  set?: string[]
}

export async function plan(context: Context, target: string | undefined, options: Options): Promise<number> {
  const app = await context.app()
  if (options.set !== undefined) return planByHand(context, target, options.set, options)
  const { whatIf, load } = options
  // A mistake is told before anybody watches for a quarter of a minute.
  const factor = load === undefined ? undefined : app.loadFactor(load)
  if (whatIf !== undefined) app.refuseUnknownSettings(whatIf)
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

/** What somebody wants changed of an instance, checked against every rule; nothing is watched and nothing is sent. */
async function planByHand(
  context: Context,
  target: string | undefined,
  set: readonly string[],
  options: Options,
): Promise<number> {
  const app = await context.app()
  if (!app.isCloud(target))
    throw new AppError('option-invalid', '--set changes an RDS instance', 'Name it: rds:ID@region.')
  const { plan: made, operations } = await app.applying.planByHand(
    target,
    settingsOf(set),
    options,
    context.signal,
  )
  if (options.json) {
    context.print(JSON.stringify(app.sealPlan(made)))
    return EXIT.fine
  }
  for (const [i, { title, outage, irreversible }] of operations.entries()) {
    context.print(`${i + 1}  ${title}`)
    if (outage) context.print(`   ${context.paint.yellow('interrupts:')} ${outage}`)
    if (irreversible) context.print(`   ${context.paint.yellow('not taken back:')} ${irreversible}`)
  }
  const { notes = [], price } = made.manual ?? {}
  if (price && price.usd !== 0) context.print(`\n${priceText(price)}`)
  for (const note of notes) context.tell(`${context.paint.yellow('note:')}  ${note}`)
  context.print('\nNothing was sent. --json writes the plan that spillway apply takes.')
  return EXIT.fine
}

function settingsOf(set: readonly string[]): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const one of set) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(one) ?? []
    if (name === undefined || value === undefined || name in settings)
      throw new AppError(
        'option-invalid',
        `--set ${one}: it takes name=value, each name once`,
        'For example --set storage=200.',
      )
    settings[name] = value
  }
  return settings
}
