// spillway probe: real connection attempts, timed by phase, with the classified reason when they fail.
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineOptions } from '../../../app.ts'
import { AppError, type Engine, EXIT, PHASES, type ProbeResult, probeMs } from '../../../model/index.ts'
import { checkOwn } from '../address.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'
import { ms, time } from '../words.ts'

interface Options extends EngineOptions {
  count: number
  /** Addresses of this machine; each makes `count` attempts. */
  from?: string[]
  json?: boolean
}

/** One attempt a second, wherever from. Ends with the error of the attempt that came least far. */
export async function probe(context: Context, target: string | undefined, options: Options): Promise<number> {
  const app = await context.app()
  const engine = await app.engine(target, options)
  const places = options.from ?? [undefined]
  await checkOwn(options.from)
  let worst: ProbeResult | undefined
  for (let n = 0; n < options.count * places.length && !context.signal.aborted; n++) {
    if (n > 0) await sleep(1_000, undefined, { signal: context.signal })
    const result = await engine.probe(context.signal, places[n % places.length])
    context.signal.throwIfAborted()
    if (options.json) context.print(json({ schema: 'spillway/probe/v1', target: engine.target, ...result }))
    else context.print(describe(context, engine.target.name, result, app.failureWords))
    if (!result.ok && (!worst || reached(result) < reached(worst))) worst = result
  }
  const problem = worst && explained(engine, worst)
  if (problem) throw problem
  return EXIT.fine
}

const reached = ({ phase }: ProbeResult): number => (phase ? PHASES.indexOf(phase) : 0)

const explained = (engine: Engine, result: ProbeResult): AppError | undefined => {
  const problem = engine.explain(result)
  if (!problem || result.from === undefined) return problem
  return new AppError(problem.code, `from ${result.from}: ${problem.message}`, problem.hint, problem)
}

function describe(
  { paint: p }: Context,
  name: string,
  result: ProbeResult,
  words: (failure: NonNullable<ProbeResult['failure']>) => string,
): string {
  const phases = PHASES.flatMap(phase => {
    const value = result.phaseMs[phase]
    return value === undefined ? [] : `${phase} ${ms(value)}${phase === result.phase ? ' ✗' : ''}`
  })
  const verdict = result.ok
    ? p.green(`✓ connected in ${ms(probeMs(result))}`)
    : p.red(`✗ ${result.failure ?? 'failed'}`)
  const place = result.from === undefined ? '' : `  from ${result.from}`
  const reason = result.failure ? [`  ${words(result.failure)}`] : []
  const native = result.native
    ? [p.dim(`  ${[result.native.code, result.native.message].filter(Boolean).join('  ')}`)]
    : []
  const line = `${time(result.t)}  ${name}${place}  ${verdict}  ${p.dim(phases.join(' · '))}`
  return [line, ...reason, ...native].join('\n')
}
