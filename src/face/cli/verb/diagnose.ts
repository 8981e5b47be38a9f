// spillway diagnose: what fails, why, and what to do; live or from a bundle.
import { EXIT } from '../../../model/index.ts'
import { renderReport } from '../../report/index.ts'
import type { Context } from '../context.ts'
import { gather, type Look } from '../gather.ts'
import { json } from '../json.ts'
import { writeReport } from '../report-file.ts'
import { screen } from '../screen.ts'

interface Options extends Look {
  html?: string
}

export async function diagnose(
  context: Context,
  target: string | undefined,
  options: Options,
): Promise<number> {
  const app = await context.app()
  const { evidence, problem, skipped = [] } = await gather(context, target, options)
  const found = app.diagnose(evidence)
  const diagnosis = { ...found, skipped: [...skipped, ...found.skipped] }
  const plan =
    diagnosis.findings.length > 0 && evidence.target.engine !== 'other'
      ? await app.plan(diagnosis, evidence)
      : undefined
  if (options.json) context.print(json({ ...diagnosis, ...(plan ? { plan } : {}) }))
  else context.print(screen(diagnosis, plan, context))
  if (options.html !== undefined) {
    const input = { diagnosis, timeline: app.timeline(evidence), ...(plan ? { plan } : {}) }
    await writeReport(options.html, renderReport(input))
  }
  if (problem) throw problem
  return EXIT.fine
}
