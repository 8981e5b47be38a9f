// spillway probe: real connection attempts, timed by phase, with the classified reason when they fail.
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineOptions } from '../../../app.ts'
import { type AppError, EXIT, PHASES, type ProbeResult, probeMs } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'
import { ms, time } from '../words.ts'

export async function probe(
  context: Context,
  target: string | undefined,
  options: EngineOptions & { count: number; json?: boolean },
): Promise<number> {
  const app = await context.app()
  const engine = await app.engine(target, options)
  let problem: AppError | undefined
  for (let n = 0; n < options.count && !context.signal.aborted; n++) {
    if (n > 0) await sleep(1_000, undefined, { signal: context.signal })
    const result = await engine.probe(context.signal)
    context.signal.throwIfAborted()
    if (options.json) context.print(json({ schema: 'spillway/probe/v1', target: engine.target, ...result }))
    else context.print(describe(context, engine.target.name, result, app.failureWords))
    problem = engine.explain(result) ?? problem
  }
  if (problem) throw problem
  return EXIT.fine
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
  const reason = result.failure ? [`  ${words(result.failure)}`] : []
  const native = result.native
    ? [p.dim(`  ${[result.native.code, result.native.message].filter(Boolean).join('  ')}`)]
    : []
  return [`${time(result.t)}  ${name}  ${verdict}`, `  ${phases.join(' · ')}`, ...reason, ...native].join(
    '\n',
  )
}
