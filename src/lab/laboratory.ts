// Trials by the dozen: which there are, run one after the other, kept on disk, judged from what was kept.
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, ENGINES, type EngineName, type Evidence } from '../model/index.ts'
import { SPECS, scenario } from './scenario/index.ts'
import type { Scenario } from './scenario.ts'
import { type CloudScore, scoreCloud } from './score/cloud.ts'
import { type Score, scoreOf } from './score/index.ts'
import { scorePage } from './score/page.ts'
import { type Judges, scoreTrial, type TrialScore } from './score/trial.ts'
import type { Treated } from './treatment/course.ts'
import {
  type Recording,
  runTrial,
  type TrialName,
  type TrialOptions,
  type TrialParts,
  type TrialTruth,
} from './trial.ts'

export interface LaboratoryParts extends TrialParts, Judges {
  writeBundle(path: string, evidence: Evidence): Promise<unknown>
  readBundle(path: string): Promise<Evidence>
  makeFolder(path: string): Promise<unknown>
}

export interface Wanted {
  /** Absent: all. */
  scenarios?: string[]
  engines?: EngineName[]
  seeds: number[]
  intensities: number[]
  cure?: string
}

export const laboratory = (parts: LaboratoryParts) => ({
  list: () =>
    SPECS.map(({ name, title, engines, on }) => ({ name, title, engines, truth: on(engines[0]!).truth })),
  /** Every trial that is wanted and possible. Throws AppError `option-invalid`. */
  trials: ({ scenarios, engines = [...ENGINES], seeds, intensities, cure }: Wanted): TrialName[] => {
    const unknown = scenarios?.find(name => SPECS.every(spec => spec.name !== name))
    if (unknown !== undefined) throw unknownScenario(unknown)
    const wanted = SPECS.filter(({ name }) => scenarios === undefined || scenarios.includes(name))
    return wanted.flatMap(spec =>
      engines
        .filter(engine => spec.engines.includes(engine))
        .flatMap(engine =>
          seeds.flatMap(seed =>
            intensities.map(intensity => ({
              ...{ scenario: spec.name, engine, seed, intensity },
              ...(cure !== undefined && { cure }),
            })),
          ),
        ),
    )
  },
  run: async (
    { scenario: name, engine, ...which }: TrialName,
    options: Omit<TrialOptions, 'seed' | 'intensity'>,
  ): Promise<Recording> => {
    const found = restricted(scenario(name, engine), which.cure)
    if (!found) throw unknownScenario(name, engine)
    return runTrial(found, parts, { ...which, ...options })
  },
  judge: (recording: Recording): TrialScore => scoreTrial(recording, parts),
  /** What is said of it by what AWS would have shown alone. */
  judgeShown: (recording: Recording): CloudScore => scoreCloud(recording, parts),
  /** Keeps a recording in a folder of its own: the evidence, and apart from it the truth. */
  keep: async (folder: string, { truth, evidence, treated }: Recording): Promise<string> => {
    const path = placeOf(folder, truth)
    await parts.makeFolder(path)
    await parts.writeBundle(join(path, 'evidence'), evidence)
    if (treated) {
      const { evidence: seen, ...rest } = treated
      await parts.writeBundle(join(path, 'treated'), seen)
      await writeFile(join(path, TREATMENT), `${JSON.stringify(rest, null, 2)}\n`)
    }
    // Last, because it says that the recording is whole.
    await writeFile(join(path, TRUTH), `${JSON.stringify(truth, null, 2)}\n`)
    return path
  },
  /** What was kept of one trial. */
  kept: (folder: string, trial: TrialName): Promise<Recording | undefined> =>
    readKept(placeOf(folder, trial), parts),
  /** Everything that was kept, one after the other. */
  read: async function* (folder: string): AsyncGenerator<Recording> {
    const names = await readdir(folder).catch(error => {
      throw new AppError(
        'bundle-missing',
        `there is no folder ${folder}`,
        'name one that lab score --out wrote',
        error,
      )
    })
    for (const name of names.sort()) {
      const recording = await readKept(join(folder, name), parts)
      if (recording) yield recording
    }
  },
  score: (trials: TrialScore[], shown?: CloudScore[]): Score => scoreOf(trials, shown),
  page: scorePage,
})

const TRUTH = 'truth.json'
const TREATMENT = 'treatment.json'

/** A larger machine can only be had where there was a smaller one. */
const restricted = (found: Scenario | undefined, cure: string | undefined): Scenario | undefined =>
  cure === 'harms' && found?.truth?.remedy?.harms === 'scale-up' ? { cores: 1, ...found } : found

const placeOf = (folder: string, { scenario: name, engine, seed, intensity, cure }: TrialName): string =>
  join(folder, [name, engine, seed, intensity, ...(cure === undefined ? [] : [cure])].join('-'))

const readKept = async (path: string, { readBundle }: LaboratoryParts): Promise<Recording | undefined> => {
  if (!existsSync(join(path, TRUTH))) return undefined
  const truth = JSON.parse(await readFile(join(path, TRUTH), 'utf8')) as TrialTruth
  const evidence = await readBundle(join(path, 'evidence'))
  if (!existsSync(join(path, TREATMENT))) return { truth, evidence }
  const rest = JSON.parse(await readFile(join(path, TREATMENT), 'utf8')) as Omit<Treated, 'evidence'>
  return { truth, evidence, treated: { ...rest, evidence: await readBundle(join(path, 'treated')) } }
}

const unknownScenario = (name: string, engine?: EngineName): AppError => {
  const on = SPECS.find(spec => spec.name === name)?.engines
  return new AppError(
    'option-invalid',
    on ? `the scenario ${name} is not for ${engine}` : `there is no scenario ${JSON.stringify(name)}`,
    on ? `it runs on ${on.join(', ')}` : `Choose one of: ${SPECS.map(spec => spec.name).join(', ')}`,
  )
}
