// Watches a database for a while and shows each sample on stderr.
import { AppError, type Engine, type Evidence } from '../../model/index.ts'
import type { Context } from './context.ts'
import { noteHidden } from './holding.ts'
import { ticker } from './ticker.ts'

/** Without a connection there is nothing to sample: a few attempts say how it fails. */
const TICKS_WITHOUT_CONNECTION = 3

export interface Watch {
  evidence: Evidence
  /** Why the database could not be sampled, when it never could. */
  problem?: AppError
}

export interface WatchOptions {
  /** Shows nothing. */
  quiet?: boolean
  /** Returns what was seen when it is interrupted, instead of throwing. */
  keep?: boolean
  /** Addresses of this machine to make the connection attempts from, in turn. */
  from?: readonly string[] | undefined
}

export async function watchFor(
  context: Context,
  engine: Engine,
  seconds: number,
  { quiet = false, keep = false, from }: WatchOptions = {},
): Promise<Watch> {
  const app = await context.app()
  const end = new AbortController()
  context.signal.addEventListener('abort', () => end.abort(), { once: true })
  const live = Boolean(process.stderr.isTTY)
  const shown = ticker(Date.now(), context.paint, live, quiet ? () => undefined : context.write.err)
  let [connected, missed] = [false, 0]
  let watch: Watch | undefined
  const how = { seconds, signal: end.signal, ...(from && { from }) }
  for await (const { observation, evidence } of app.observe(engine, how)) {
    if (!connected && observation.connection) {
      noteHidden(context, observation.connection)
      connected = true
    }
    shown.show(observation, 'watching')
    watch = { evidence, ...(!connected && observation.problem ? { problem: observation.problem } : {}) }
    if (!connected && evidence.probes.length > 0 && ++missed >= TICKS_WITHOUT_CONNECTION) break
  }
  shown.pause()
  // What was seen until Ctrl-C is worth keeping to somebody who records it.
  if (!keep || !watch) context.signal.throwIfAborted()
  if (!watch)
    throw new AppError('no-answer', `${engine.target.name} was not sampled`, 'Watch for longer (--for 15s).')
  return watch
}
