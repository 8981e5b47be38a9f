// spillway apply: what a plan would do; with --execute and the plan's hash it is done, verified, and taken back if need be.
import type { ApplyOptions, Prepared } from '../../../app.ts'
import { type Applied, EXIT, type State } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'

export interface ApplyFlags extends ApplyOptions {
  execute?: string
  json?: boolean
}

export async function apply(
  context: Context,
  file: string,
  target: string | undefined,
  options: ApplyFlags,
): Promise<number> {
  const { applying } = await context.app()
  const prepared = await applying.prepare(file, target, options, context.signal)
  if (options.execute === undefined) {
    if (options.json) context.print(json({ schema: 'spillway/preview/v1', ...preview(prepared) }))
    else show(context, file, prepared)
    return EXIT.fine
  }
  const said = { say: (text: string) => context.tell(`  ${text}`), signal: context.signal }
  const applied = await applying.execute(prepared, options.execute, target, options, said)
  return conclude(context, applied, options.json ?? false)
}

/** The answer, and the exit code of what it came to. */
export function conclude({ print, paint: p }: Context, applied: Applied, asJson: boolean): number {
  const { run, outcome, because, operations } = applied
  if (asJson) print(json(applied))
  else {
    for (const { title, state, reason } of operations) {
      const mark = state === 'done' ? p.green('✓') : state === 'taken-back' ? p.yellow('↩') : p.yellow('·')
      print(`${mark} ${title}${state === 'done' ? '' : `: ${WORDS[state]}`}${reason ? ` (${reason})` : ''}`)
    }
    print(`${SAID[outcome]}${because ? `: ${because}` : ''}`)
    if (outcome === 'verified' || outcome === 'in-place')
      print(p.dim(`spillway rollback ${run} takes it back`))
  }
  return outcome === 'rolled-back'
    ? EXIT.rolledBack
    : outcome === 'rollback-incomplete'
      ? EXIT.rollbackIncomplete
      : EXIT.fine
}

const WORDS = { 'not-done': 'not done', 'taken-back': 'taken back', left: 'stays' } as const

const SAID: Record<Applied['outcome'], string> = {
  verified: 'In place and verified',
  'in-place': 'In place, not verified by its effect',
  'rolled-back': 'Taken back',
  'rollback-incomplete': 'Taken back as far as it can be',
}

const preview = ({ plan, beginning, notes, run, unfinished }: Prepared) => ({
  hash: plan.hash,
  target: beginning.target,
  title: beginning.title,
  operations: beginning.operations,
  notes,
  ...(unfinished ? { unfinished: run } : {}),
})

function show({ print, tell, paint: p }: Context, file: string, { plan, beginning, notes }: Prepared): void {
  print(`${p.bold(beginning.target)}  ${beginning.title}`)
  for (const [
    i,
    { title, before, after, outage, irreversible, stays, waits },
  ] of beginning.operations.entries()) {
    print(`${i + 1}  ${title}`)
    print(`   ${p.dim(`${told(before)}  →  ${told(after)}`)}`)
    if (outage) print(`   ${p.yellow('interrupts:')} ${outage}`)
    if (waits) print(`   ${p.yellow('in effect after')} ${waits}`)
    const back = irreversible ?? stays
    print(
      `   ${back === undefined ? 'can be taken back' : `${irreversible ? p.yellow('not taken back:') : 'not taken back:'} ${back}`}`,
    )
  }
  for (const note of notes) tell(`${p.yellow('note:')}  ${note}`)
  print(`\nNothing was sent. To do it:  spillway apply ${file} --execute ${plan.hash.slice(0, 12)}`)
}

/** Of what is made in the same run nothing is known before. */
const told = (state: State): string =>
  Object.entries(state)
    .map(([name, value]) => `${name} ${value ?? 'not set'}`)
    .join(', ') || 'as it is made'
