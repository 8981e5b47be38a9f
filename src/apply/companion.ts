// A watch beside the work: what the health gate judges, and the one connection that the work is done over as well.
import {
  AppError,
  type Clock,
  type Connection,
  type Engine,
  type Evidence,
  type Watched,
} from '../model/index.ts'

export type Observe = (engine: Engine, options: { signal?: AbortSignal }) => AsyncIterable<Watched>

export interface Companion {
  evidence(): Evidence | undefined
  /** Waits until there is one: a restart takes it away for a while. Throws AppError. */
  connection(signal?: AbortSignal): Promise<Connection>
  stop(): Promise<void>
}

/** Samples to compare with, and how long to wait for them and for a connection, milliseconds. */
const BASELINE_TICKS = 3
const CONNECTED_MS = 30_000
const LOOK_MS = 100

/** Resolves when there is something to compare with. Throws AppError where the watch cannot begin. */
export async function companion(
  engine: Engine,
  { observe, clock, signal }: { observe: Observe; clock: Clock; signal?: AbortSignal },
): Promise<Companion> {
  const end = new AbortController()
  signal?.addEventListener('abort', () => end.abort(), { once: true })
  let latest: Watched | undefined
  const loop = (async () => {
    for await (const seen of observe(engine, { signal: end.signal })) latest = seen
  })()
  const stop = async () => {
    end.abort()
    await loop.catch(() => undefined)
  }
  const until = async (isSo: () => boolean, abort?: AbortSignal): Promise<void> => {
    const deadline = clock.now() + CONNECTED_MS
    while (!isSo()) {
      abort?.throwIfAborted()
      if (clock.now() >= deadline) throw latest?.observation.problem ?? silent(engine)
      await clock.sleep(LOOK_MS, abort)
    }
  }
  const sampled = () => latest?.evidence.ticks.filter(({ sessions }) => sessions).length ?? 0
  try {
    await until(() => sampled() >= BASELINE_TICKS, signal)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    evidence: () => latest?.evidence,
    async connection(abort) {
      await until(() => latest?.observation.connection?.closed === false, abort)
      return latest!.observation.connection!
    },
    stop,
  }
}

/** One connection, opened when somebody asks for it, and again when it was lost. */
export function alone(engine: Engine): Companion {
  let held: Connection | undefined
  return {
    evidence: () => undefined,
    async connection(signal) {
      if (!held || held.closed) held = await engine.connect(signal)
      return held
    },
    stop: async () => held?.close(),
  }
}

const silent = ({ target }: Engine): AppError =>
  new AppError('no-answer', `${target.name} cannot be watched`, 'Name a login that can connect.')
