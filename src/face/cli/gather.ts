// What a verb looks at: a live database, AWS, both, or a bundle.
import type { EngineOptions } from '../../app.ts'
import { AppError, type Skipped } from '../../model/index.ts'
import { type CloudFlags, gatherCloud } from './cloud.ts'
import type { Context } from './context.ts'
import { tellNotes, type WitnessOptions, watchWith } from './hearing.ts'
import type { Watch } from './watching.ts'

/** Options of a verb that looks. */
export interface Look extends WitnessOptions, EngineOptions, CloudFlags {
  for: number
  probeFrom?: string[]
  from?: string
  json?: boolean
}

/** What was seen, and what could not be looked at. */
type Seen = Watch & { skipped?: Skipped[] }

/** Live, of AWS, or from a bundle. Throws AppError. */
export async function gather(context: Context, target: string | undefined, options: Look): Promise<Seen> {
  const app = await context.app()
  if (options.from === undefined && app.isCloud(target)) {
    const live = options.live || options.iam || options.secret !== undefined
    return live ? watchBeside(context, target, options) : gatherCloud(context, target, options)
  }
  if (options.from === undefined) {
    return watchWith(context, await app.engine(target, options), options, { quiet: options.json ?? false })
  }
  const live = target !== undefined ? 'a target' : options.pgbouncer !== undefined ? '--pgbouncer' : undefined
  if (live !== undefined) {
    throw new AppError(
      'option-invalid',
      `${live} and --from were both given`,
      'Name a live database or a bundle, not both.',
    )
  }
  const { evidence, notes } = await app.withLogs(await app.readBundle(options.from), options, context.signal)
  tellNotes(context, notes)
  const { vcpus = evidence.target.vcpus } = options
  return { evidence: vcpus === undefined ? evidence : { ...evidence, target: { ...evidence.target, vcpus } } }
}

/** Seconds of Performance Insights to compare with, and as many minutes of the machine as may be late. */
const LEAD_MS = 5 * 60_000

/** Watches the database, and lays beside it what AWS has of the same time. */
async function watchBeside(context: Context, target: string, options: Look): Promise<Seen> {
  if (options.since !== undefined || options.until !== undefined)
    throw new AppError(
      'option-invalid',
      'a database can be watched only now',
      'Leave --since away, or --live, --iam and --secret.',
    )
  const app = await context.app()
  const engine = await app.engine(target, options)
  const watch = await watchWith(context, engine, options, { quiet: options.json ?? false })
  const { from: since, to: until } = watch.evidence
  const cloud = await gatherCloud(context, target, options, { since, until, periodS: 1, leadMs: LEAD_MS })
  return { ...watch, evidence: app.together(watch.evidence, cloud.evidence), skipped: cloud.skipped }
}
