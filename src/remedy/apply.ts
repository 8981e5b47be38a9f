// Does one advised thing on purpose, journaled before it is done, and judges afterwards whether it helped.
import {
  type Action,
  type ActionResult,
  type Advice,
  AppError,
  type Clock,
  type Comparison,
  type Evidence,
  type Journal,
  RUN_SCHEMA,
  type Run,
} from '../model/index.ts'
import { judgeRecovery } from './recovery.ts'

export interface ApplyParts {
  connection: { act(action: Action): Promise<ActionResult> }
  journal: Journal
  clock: Clock
  /** Names the run in the journal. */
  run: string
}

/**
 * Writes the intention down, acts, writes the result down. An action that was refused or came too late is a result, not an error;
 * an error of the connection is journaled and thrown.
 */
export async function act(advice: Advice, { connection, journal, clock, run }: ApplyParts): Promise<Run> {
  const { action } = advice
  if (!action)
    throw new AppError(
      'option-invalid',
      `${advice.title}: Spillway cannot do this itself`,
      'Run its commands by hand.',
    )
  const startedAt = clock.now()
  const entry = (event: 'intend' | 'acted' | 'failed', detail: unknown) =>
    journal.append({ t: clock.now(), run, event, detail })
  await entry('intend', { remedy: advice.remedy, action, predicted: advice.effect })
  const result = await connection.act(action).catch(async (error: unknown) => {
    await entry('failed', { message: error instanceof Error ? error.message : String(error) })
    throw error
  })
  await entry('acted', result)
  return {
    schema: RUN_SCHEMA,
    id: run,
    advice,
    startedAt,
    actedAt: clock.now(),
    result,
    verified: false,
    comparison: [],
    ...(advice.reversible ? {} : { irreversible: advice.cost }),
  }
}

/**
 * The run with what the measurements since then say. Pure; ask again after each tick: a relapse takes the recovery back.
 * A recovery is not the run's own when nothing was done: then it stands there, and the run is not verified.
 */
export function verify(run: Run, evidence: Evidence): Run {
  if (run.actedAt === undefined) return run
  const { recoveredAt: _, ...rest } = run
  const { recoveredAt, comparison } = judgeRecovery(run.advice.effect, evidence, run.startedAt, run.actedAt)
  return {
    ...rest,
    comparison,
    verified: recoveredAt !== undefined && run.result?.done === true,
    ...(recoveredAt === undefined ? {} : { recoveredAt }),
  }
}

/** Closes the run in the journal. */
export const conclude = (
  run: Run,
  { journal, clock }: Pick<ApplyParts, 'journal' | 'clock'>,
): Promise<void> =>
  journal.append({
    t: clock.now(),
    run: run.id,
    event: run.verified ? 'verified' : 'not-verified',
    detail: { comparison: run.comparison satisfies Comparison[] },
  })
