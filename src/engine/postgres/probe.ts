// One fresh connection attempt, timed by phase: what an application would see if it connected now.
import { newAttempt, phase } from '../../dial/index.ts'
import type { ProbeResult } from '../../model/index.ts'
import { classify } from './classify.ts'
import type { Session } from './open.ts'
import { openAnyway } from './pooled.ts'
import type { PostgresTarget } from './target.ts'

/** Never throws, and leaves no socket behind. */
export const probe = async (
  target: PostgresTarget,
  boundMs: number,
  signal: AbortSignal | undefined,
  from: string | undefined,
): Promise<ProbeResult> => {
  const start = { t: Date.now(), ...(from !== undefined && { from }) }
  const attempt = newAttempt(boundMs, signal, from)
  let session: Session | undefined
  try {
    session = await openAnyway(target, { statement_timeout: 2_000 }, attempt)
    const { client, socket } = session
    await phase(
      attempt,
      'query',
      () => client.query('/* spillway */ select 1'),
      () => socket.destroy(),
    )
    return { ...start, ok: true, phaseMs: attempt.phaseMs }
  } catch (error) {
    return {
      ...start,
      ok: false,
      ...classify(error, attempt.phase, 'tls' in attempt.phaseMs),
      phaseMs: attempt.phaseMs,
    }
  } finally {
    await session?.close()
  }
}
