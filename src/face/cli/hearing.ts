// Watches a database, and hears beside it what logs and poolers tell of other clients.
import type { WitnessOptions } from '../../app.ts'
import type { Engine } from '../../model/index.ts'
import { checkOwn } from './address.ts'
import type { Context } from './context.ts'
import { type Watch, type WatchOptions, watchFor } from './watching.ts'

export type { WitnessOptions } from '../../app.ts'

export async function watchWith(
  context: Context,
  engine: Engine,
  options: WitnessOptions & { for: number; probeFrom?: string[] },
  how: Omit<WatchOptions, 'from'>,
): Promise<Watch> {
  const { log, applicationLog, pgbouncerLog, pgbouncer, probeFrom: from } = options
  await checkOwn(from)
  if ([log, applicationLog, pgbouncerLog, pgbouncer].every(one => one === undefined))
    return watchFor(context, engine, options.for, { ...how, from })
  const app = await context.app()
  const attendance = await app.attend(options, context.signal)
  const watch = await watchFor(context, engine, options.for, { ...how, from })
  const { evidence, notes } = await attendance.finish(watch.evidence)
  tellNotes(context, notes)
  return { ...watch, evidence }
}

export function tellNotes({ tell, paint: p }: Context, notes: readonly string[]): void {
  for (const note of notes) tell(`${p.yellow('note:')}  ${note}`)
}
