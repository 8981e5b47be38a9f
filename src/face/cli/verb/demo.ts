// spillway demo: an incident on a throw-away PostgreSQL, diagnosed, mended, proved, with a report.
import { mkdtemp, readdir, rmdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { App, DrillEvent, DrillResult, Lab, Scenario } from '../../../app.ts'
import { AppError, EXIT } from '../../../model/index.ts'
import { renderReport } from '../../report/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'
import { wrap } from '../paint.ts'
import { screen } from '../screen.ts'
import { type Ticker, ticker } from '../ticker.ts'
import { duration, short } from '../words.ts'

interface Options {
  scenario: string
  list?: boolean
  out?: string
  seed: number
  json?: boolean
  plain?: boolean
}

export async function demo(context: Context, options: Options): Promise<number> {
  const app = await context.app()
  if (options.list) return list(context, app.scenarios)
  const scenario = app.scenarios.find(({ name }) => name === options.scenario)
  if (!scenario) {
    const names = app.scenarios.map(({ name }) => name).join(', ')
    throw new AppError(
      'option-invalid',
      `there is no scenario ${JSON.stringify(options.scenario)}`,
      `Choose one of: ${names}`,
    )
  }
  const say = options.json ? context.tell : context.print
  const folder = await outputFolder(app, options.out)
  say(`${context.paint.bold('Spillway demo')}: ${scenario.title}`)
  say(context.paint.dim('Starting a throw-away PostgreSQL and the services that use it …'))
  const lab = await app.startLab(scenario, { signal: context.signal, seed: options.seed })
  try {
    say(context.paint.dim(`PostgreSQL ${lab.serverVersion} at ${lab.url}`))
    let result: DrillResult | undefined
    const line = makeTicker(context, options)
    for await (const event of app.drill(lab, join(folder, 'journal.ndjson'), { signal: context.signal })) {
      if (event.kind === 'tick') line.show(event.observation, scenario.truth ? STAGES[event.stage] : 'peace')
      else {
        line.pause()
        const text = narrate(event, lab, context)
        if (text !== undefined) say(event.kind === 'verdict' ? text : wrap(text, context.columns, 2))
      }
      if (event.kind === 'end') result = event.result
    }
    line.pause()
    context.signal.throwIfAborted()
    if (!result)
      throw new AppError(
        'no-answer',
        'the database was never sampled',
        'Run the demo again; is the machine very busy?',
      )
    await conclude(context, folder, scenario, result, options, say)
    return result.ok ? EXIT.fine : EXIT.failed
  } finally {
    await lab.stop()
    await dropEmpty(folder)
  }
}

const STAGES = { baseline: 'peace', fault: 'incident', recovery: 'after' } as const

function list({ print }: Context, scenarios: readonly Scenario[]): number {
  const width = Math.max(...scenarios.map(({ name }) => name.length)) + 2
  for (const { name, title } of scenarios) print(`${name.padEnd(width)}${title}`)
  return EXIT.fine
}

/** What was interrupted leaves no empty folder behind. */
const dropEmpty = (folder: string): Promise<void> => rmdir(folder).catch(() => undefined)

async function outputFolder(app: App, out: string | undefined): Promise<string> {
  try {
    if (out === undefined) return await mkdtemp(join(tmpdir(), 'spillway-demo-'))
    await app.makeFolder(resolve(out))
    if ((await readdir(out)).length === 0) return resolve(out)
  } catch (error) {
    throw new AppError(
      'file-unwritable',
      `cannot make the folder ${out}`,
      'Name a folder with --out that you may write to.',
      error,
    )
  }
  throw new AppError(
    'file-exists',
    `${out} is not empty`,
    'Name a new folder with --out; nothing is overwritten.',
  )
}

const makeTicker = (context: Context, { plain, json: asJson }: Options): Ticker =>
  ticker(
    Date.now(),
    context.paint,
    context.live && !plain && !asJson,
    asJson ? context.write.err : context.write.out,
  )

/** What an event is to the audience; undefined for those that speak through others. */
function narrate(event: DrillEvent, lab: Lab, { paint: p, columns }: Context): string | undefined {
  switch (event.kind) {
    case 'baseline': {
      const { outcome, verdict } = event.diagnosis
      return `${outcome === 'healthy' ? p.green('✓') : p.yellow('?')} ${verdict.join(' ')}`
    }
    case 'fault': {
      const session = event.injection.session ? ` (session ${event.injection.session})` : ''
      return p.yellow(`⚡ Fault: ${lab.scenario.title}${session}`)
    }
    case 'detected':
      return p.yellow(
        `! Named ${duration(event.afterMs)} after the fault: ${event.diagnosis.verdict.join(' ')}`,
      )
    case 'verdict': {
      const plan = event.diagnosis.findings.length > 0 ? event.plan : undefined
      return `\n${screen(event.diagnosis, plan, { paint: p, columns })}\n`
    }
    case 'acting':
      return `→ Applying #1: ${event.advice.title} (journaled first)`
    case 'acted':
      return `  ${event.run.result?.message ?? ''}`
    case 'verified': {
      const took = duration(event.run.recoveredAt! - event.run.actedAt!)
      return p.green(`✓ Recovered ${took} after the remedy, verified on load, slots and probes`)
    }
    default:
      return undefined
  }
}

async function conclude(
  context: Context,
  folder: string,
  scenario: Scenario,
  result: DrillResult,
  options: Options,
  say: (text: string) => void,
): Promise<void> {
  const app = await context.app()
  const { diagnosis, evidence, plan, run, marks } = result
  const facts = timesOf(result)
  const report = renderReport({
    diagnosis,
    timeline: app.timeline(evidence, marks),
    ...(plan && diagnosis.findings.length > 0 ? { plan } : {}),
    ...(run ? { run } : {}),
    title: `Spillway demo: ${scenario.title}`,
    facts: facts.map(({ label, value }) => ({ label: `${label[0]!.toUpperCase()}${label.slice(1)}`, value })),
  })
  await writeFile(join(folder, 'report.html'), report)
  await writeFile(join(folder, 'diagnosis.json'), `${json(diagnosis, 2)}\n`)
  await app.writeBundle(join(folder, 'evidence'), evidence)
  if (options.json) {
    const { evidence: _, ...rest } = result
    context.print(json({ schema: 'spillway/demo/v1', scenario: scenario.name, ...rest, folder }))
  }
  for (const { label, value } of facts) say(`  ${label.padEnd(36)} ${value}`)
  if (run && run.comparison.length > 0) {
    say('\n  Predicted and measured        before  predicted  measured')
    for (const { measure, before, predicted, measured } of run.comparison) {
      say(
        `  ${measure.padEnd(28)}${short(before).padStart(8)}${short(predicted).padStart(11)}${short(measured).padStart(10)}`,
      )
    }
  }
  say(
    `\n  report     ${join(folder, 'report.html')}\n  diagnosis  ${join(folder, 'diagnosis.json')}\n  evidence   ${join(folder, 'evidence')}${run ? `\n  journal    ${join(folder, 'journal.ndjson')}` : ''}`,
  )
  const p = context.paint
  say(result.ok ? p.green('\n✓ The demo held what it promised.') : p.red(`\n✗ ${result.failures.join('; ')}`))
}

const timesOf = ({
  firstRefusedMs,
  verdictMs,
  recoveredMs,
}: DrillResult): { label: string; value: string }[] =>
  [
    { label: 'fault to first refused connection', value: firstRefusedMs },
    { label: 'fault to correct verdict', value: verdictMs },
    { label: 'remedy to recovery', value: recoveredMs },
  ].flatMap(({ label, value }) => (value === undefined ? [] : { label, value: duration(value) }))
