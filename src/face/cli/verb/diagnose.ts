// spillway diagnose: what fails, why, and what to do; live or from a bundle.
import { AppError, EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { tellNotes, type WitnessOptions, watchWith } from '../hearing.ts'
import { json } from '../json.ts'
import { screen } from '../screen.ts'
import type { Watch } from '../watching.ts'

interface Options extends WitnessOptions {
  for: number
  probeFrom?: string[]
  from?: string
  vcpus?: number
  json?: boolean
}

export async function diagnose(
  context: Context,
  target: string | undefined,
  options: Options,
): Promise<number> {
  const app = await context.app()
  const { evidence, problem } = await gather(context, target, options)
  const diagnosis = app.diagnose(evidence)
  const plan = diagnosis.findings.length > 0 ? app.plan(diagnosis, evidence) : undefined
  if (options.json) context.print(json({ ...diagnosis, ...(plan ? { plan } : {}) }))
  else context.print(screen(diagnosis, plan, context))
  if (problem) throw problem
  return EXIT.fine
}

async function gather(context: Context, target: string | undefined, options: Options): Promise<Watch> {
  const app = await context.app()
  if (options.from === undefined) {
    return watchWith(context, app.engine(target, vcpusOf(options)), options, { quiet: options.json ?? false })
  }
  const live = target !== undefined ? 'a target' : options.pgbouncer !== undefined ? '--pgbouncer' : undefined
  if (live !== undefined) {
    throw new AppError(
      'option-invalid',
      `${live} and --from were both given`,
      'Name a live database or a bundle, not both.',
    )
  }
  const bundle = await app.readBundle(options.from)
  const { evidence, notes } =
    options.log === undefined
      ? { evidence: bundle, notes: [] }
      : await app.withLog(bundle, options.log, options.logPrefix, context.signal)
  tellNotes(context, notes)
  const { vcpus = evidence.target.vcpus } = options
  return { evidence: vcpus === undefined ? evidence : { ...evidence, target: { ...evidence.target, vcpus } } }
}

const vcpusOf = ({ vcpus }: Options) => (vcpus === undefined ? {} : { vcpus })
