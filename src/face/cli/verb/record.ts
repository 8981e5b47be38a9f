// spillway record: an evidence bundle to keep, send or replay.
import type { EngineOptions } from '../../../app.ts'
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { type WitnessOptions, watchWith } from '../hearing.ts'

export async function record(
  context: Context,
  target: string,
  file: string,
  options: WitnessOptions & EngineOptions & { for: number; probeFrom?: string[] },
): Promise<number> {
  const app = await context.app()
  const engine = await app.engine(target, options)
  await app.refuseExisting(file)
  const { evidence, problem } = await watchWith(context, engine, options, { keep: true })
  await app.writeBundle(file, evidence)
  context.print(`${file}: ${evidence.ticks.length} ticks, ${evidence.probes.length} connection attempts`)
  if (problem) throw problem
  return context.signal.aborted ? EXIT.interrupted : EXIT.fine
}
