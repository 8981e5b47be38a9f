// spillway rollback: takes back what a run has done, as its journal says; without a run it lists them.
import type { ApplyOptions } from '../../../app.ts'
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'
import { conclude } from './apply.ts'

export async function rollback(
  context: Context,
  run: string | undefined,
  target: string | undefined,
  options: ApplyOptions & { json?: boolean },
): Promise<number> {
  const { applying } = await context.app()
  if (run === undefined) {
    const runs = await applying.runs()
    if (options.json) context.print(json({ schema: 'spillway/runs/v1', runs }))
    else
      for (const one of runs)
        context.print(`${one.run}  ${one.ended ?? 'unfinished'}  ${one.target}  ${one.title}`)
    return EXIT.fine
  }
  const said = { say: (text: string) => context.tell(`  ${text}`), signal: context.signal }
  const applied = await applying.rollback(run, target, options, said)
  const code = conclude(context, applied, options.json ?? false)
  // It was asked for: then it is no failure.
  return code === EXIT.rolledBack ? EXIT.fine : code
}
