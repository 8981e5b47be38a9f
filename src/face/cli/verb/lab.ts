// spillway lab: incidents with a known cause, on real servers; run one, or score the diagnosis on many.
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { App, CloudScore, Recording, TrialName, TrialScore } from '../../../app.ts'
import { AppError, ENGINES, type EngineName, EXIT, type Observation, REMEDIES } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'
import { replaceReport } from '../report-file.ts'

interface ListOptions {
  engine?: string
  json?: boolean
}

export async function labList(context: Context, options: ListOptions): Promise<number> {
  const app = await context.app()
  const [engine] = enginesOf(options.engine)
  const all = app.lab.list().filter(({ engines }) => engine === undefined || engines.includes(engine))
  if (options.json) context.print(json({ schema: 'spillway/lab-list/v1', scenarios: all }))
  else {
    const width = Math.max(...all.map(({ name }) => name.length)) + 2
    for (const { name, title, engines } of all) {
      const only = engines.length < ENGINES.length ? ` (${engines.join(', ')})` : ''
      context.print(`${name.padEnd(width)}${title}${context.paint.dim(only)}`)
    }
  }
  return EXIT.fine
}

interface RunOptions {
  engine: string
  seed: number
  intensity: number
  cure?: string | true
  /** Seconds. */
  calm?: number
  fault?: number
  out?: string
  json?: boolean
}

export async function labRun(context: Context, name: string, options: RunOptions): Promise<number> {
  const app = await context.app()
  const [engine = 'postgres'] = enginesOf(options.engine)
  const { seed, intensity, calm, fault } = options
  const recording = await record(
    app,
    context,
    { scenario: name, engine, seed, intensity, ...cureOf(options.cure) },
    {
      ...(calm === undefined ? {} : { baselineMs: calm * 1_000 }),
      ...(fault === undefined ? {} : { faultMs: fault * 1_000 }),
    },
  )
  const score = app.lab.judge(recording)
  const folder = options.out && (await app.lab.keep(resolve(options.out), recording))
  if (options.json) context.print(json({ ...score, ...(folder && { folder }) }, 2))
  else {
    context.print(line(score, context))
    if (folder) context.print(`  evidence  ${join(folder, 'evidence')}`)
  }
  return score.top1 ? EXIT.fine : EXIT.failed
}

interface ScoreOptions {
  scenario?: string
  engine?: string
  seeds: number[]
  intensities: number[]
  cure?: string | true
  from?: string
  out?: string
  page?: string
  view?: string
  json?: boolean
}

export async function labScore(context: Context, options: ScoreOptions): Promise<number> {
  const app = await context.app()
  const judged: Judged = { trials: [], ...shownIn(options.view) }
  if (options.from) await rejudge(app, context, options.from, judged)
  else await runAll(app, context, options, judged)
  const { trials, shown } = judged
  const score = app.lab.score(trials, shown)
  const page = app.lab.page(score, commandOf(trials, options))
  // First what took hours, then what may fail.
  context.print(options.json ? json(score, 2) : page)
  if (options.page) await replaceReport(resolve(options.page), page)
  return EXIT.fine
}

/** `shown`: the same trials by what AWS would have shown, where that is wanted. */
interface Judged {
  trials: TrialScore[]
  shown?: CloudScore[]
}

/** Throws AppError `option-invalid`. */
function shownIn(view: string | undefined): Pick<Judged, 'shown'> {
  if (view === undefined || view === 'live') return {}
  if (view === 'cloud') return { shown: [] }
  throw new AppError('option-invalid', `there is no view ${view}`, 'Choose of: live, cloud')
}

function judge(app: App, recording: Recording, { trials, shown }: Judged): TrialScore {
  const score = app.lab.judge(recording)
  trials.push(score)
  shown?.push(app.lab.judgeShown(recording))
  return score
}

async function rejudge(app: App, context: Context, from: string, judged: Judged): Promise<void> {
  for await (const recording of app.lab.read(resolve(from)))
    context.tell(line(judge(app, recording, judged), context))
}

/** What was kept in the folder already is not run again: an interrupted score goes on. */
async function runAll(app: App, context: Context, options: ScoreOptions, judged: Judged): Promise<void> {
  const folder = options.out ? resolve(options.out) : await mkdtemp(join(tmpdir(), 'spillway-lab-'))
  await app.makeFolder(folder)
  const engines = enginesOf(options.engine)
  const { cure, ...which } = options
  const wanted = app.lab.trials({
    ...which,
    ...cureOf(cure),
    ...(options.scenario && { scenarios: options.scenario.split(',') }),
    ...(engines.length > 0 && { engines }),
  })
  const { trials } = judged
  for (const trial of wanted) {
    context.signal.throwIfAborted()
    try {
      const kept = await app.lab.kept(folder, trial)
      const recording = kept ?? (await record(app, context, trial))
      if (!kept) await app.lab.keep(folder, recording)
      const score = judge(app, recording, judged)
      context.tell(`${trials.length}/${wanted.length} ${line(score, context)}`)
    } catch (error) {
      // A server that is not installed, or a fault that this machine cannot have, is no miss of the diagnosis.
      if (!(error instanceof AppError) || context.signal.aborted) throw error
      context.tell(
        `${context.paint.yellow('skipped')} ${trial.scenario} on ${trial.engine}: ${error.message}`,
      )
    }
  }
  context.tell(`recordings in ${folder}`)
  await writeFile(join(folder, 'score.json'), `${json(app.lab.score(trials, judged.shown), 2)}\n`)
}

async function record(
  app: App,
  context: Context,
  trial: TrialName,
  lengths: { baselineMs?: number; faultMs?: number } = {},
): Promise<Recording> {
  const { signal, live, write } = context
  const onTick = ({ tick }: Observation, injected: boolean) => {
    if (!live) return
    const { aas, connections } = tick.signals
    write.err(
      `\r${trial.scenario} ${injected ? 'fault' : 'peace'} AAS ${aas ?? '–'} slots ${connections ?? '–'}  `,
    )
  }
  const recording = await app.lab.run(trial, { signal, onTick, ...lengths })
  if (live) write.err('\r\u001b[K')
  return recording
}

function line(score: TrialScore, { paint: p }: Context): string {
  const { scenario, engine, seed, intensity, truth, said, subject, namedMs } = score
  const mark = score.top1 ? p.green('✓') : p.red('✗')
  const who = subject === undefined ? '' : subject ? ', right subject' : ', wrong subject'
  const when = namedMs === undefined ? '' : `, after ${(namedMs / 1000).toFixed(1)} s`
  const alarm = score.falseAlarm ? p.red(', false alarm') : ''
  const told = `${mark} ${scenario} ${engine} seed ${seed} ×${intensity}: ${truth}, said ${said}${who}${when}${alarm}`
  return score.treatment ? `${told}\n  ${treatmentLine(score.treatment, p)}` : told
}

function treatmentLine(treatment: NonNullable<TrialScore['treatment']>, p: Context['paint']): string {
  if ('told' in treatment) return `${p.dim('not treated:')} ${treatment.told}`
  if (treatment.next) {
    const { next, ...first } = treatment
    return `${treatmentLine(first, p)}\n  then ${treatmentLine(next, p)}`
  }
  const { remedy, title, aas, slots, clients, cured, sign, forced, refused, shown } = treatment
  const measures = [
    `AAS ${aas.before.toFixed(1)} → ${aas.measured.toFixed(1)} (predicted ${aas.predicted.toFixed(1)})`,
    `slots ${slots.before.toFixed(0)} → ${slots.measured.toFixed(0)} (predicted ${slots.predicted.toFixed(0)})`,
    `failed requests ${clients.before.toFixed(1)} → ${clients.after.toFixed(1)} a second`,
  ]
  const end = forced
    ? `${refused ? 'refused as advice' : p.red('advised')}, ${shown ? 'shown not to help' : p.red('not shown not to help')}`
    : cured
      ? p.green('cured')
      : p.yellow('not cured')
  return `${remedy}: ${title}: ${measures.join(', ')}; ${sign ? 'right' : p.red('wrong')} sign, ${end}`
}

/** Without a word: what is advised. Throws AppError `option-invalid`. */
function cureOf(cure: string | true | undefined): { cure?: string } {
  if (cure === undefined) return {}
  const which = cure === true ? 'advised' : cure
  const known = ['advised', 'harms', ...REMEDIES]
  if (known.includes(which)) return { cure: which }
  throw new AppError('option-invalid', `there is no remedy ${which}`, `Choose of: ${known.join(', ')}`)
}

/** Throws AppError `option-invalid`. */
function enginesOf(text: string | undefined): EngineName[] {
  return (text ?? '')
    .split(',')
    .filter(Boolean)
    .map(name => {
      const engine = ENGINES.find(one => one === name)
      if (engine) return engine
      throw new AppError('option-invalid', `there is no engine ${name}`, `Choose of: ${ENGINES.join(', ')}`)
    })
}

/** What runs the same trials again. */
const commandOf = (trials: readonly TrialScore[], { scenario, engine, view }: ScoreOptions): string => {
  const each = (of: (trial: TrialScore) => number) =>
    [...new Set(trials.map(of))].sort((a, b) => a - b).join(',')
  const cures = [...new Set(trials.flatMap(({ cure }) => cure ?? []))].sort()
  return [
    'npm run lab:score --',
    ...(scenario ? [`--scenario ${scenario}`] : []),
    ...(engine ? [`--engine ${engine}`] : []),
    `--seeds ${each(({ seed }) => seed)} --intensities ${each(({ intensity }) => intensity)}`,
    // A trial has one remedy: several are several runs into the same folder.
    ...(cures.length > 0 ? [cures.map(cure => `--cure ${cure}`).join(', and again with ')] : []),
    ...(view === 'cloud' ? ['--view cloud'] : []),
  ].join(' ')
}
