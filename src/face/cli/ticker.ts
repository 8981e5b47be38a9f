// One line for each sample: load by wait class against vCPUs, slots used of usable, connects failed.
import {
  type ByWaitClass,
  type Observation,
  type SessionSample,
  slotsUsed,
  type Tick,
  usableSlots,
  WAIT_CLASSES,
} from '../../model/index.ts'
import type { Paint } from './paint.ts'
import { byLoad, ms } from './words.ts'

export interface Ticker {
  show(observation: Observation, stage: string): void
  /** Ends the line that is being rewritten, so that something else can be printed. */
  pause(): void
}

/** Rewrites its line on a terminal; elsewhere every sample has its own. */
export function ticker(startedAt: number, p: Paint, live: boolean, write: (text: string) => void): Ticker {
  let open = false
  let [attempts, failed] = [0, 0]
  return {
    show(observation, stage) {
      attempts += observation.probes.length
      failed += observation.probes.filter(probe => !probe.ok).length
      const line = tickLine(observation, stage, startedAt, { attempts, failed }, p)
      write(live ? `\r\x1b[2K${line}` : `${line}\n`)
      open = live
    },
    pause() {
      if (open) write('\n')
      open = false
    },
  }
}

interface Attempts {
  attempts: number
  failed: number
}

function tickLine(
  { tick, probes, limits, connection, heldBack, everyMs }: Observation,
  stage: string,
  startedAt: number,
  sum: Attempts,
  p: Paint,
): string {
  const at = `${((tick.t - startedAt) / 1000).toFixed(0).padStart(3)} s  ${stage.padEnd(8)}`
  const last = probes.at(-1)
  const latest =
    last === undefined
      ? ''
      : last.ok
        ? ms(Object.values(last.phaseMs).reduce((a, b) => a + b, 0))
        : p.red(last.failure ?? 'failed')
  const held = heldBack === undefined ? '' : p.yellow(`, none made: ${heldBack}`)
  const connects = `connects ${sum.failed > 0 ? p.red(`${sum.failed} of ${sum.attempts} failed`) : `${sum.attempts} ok`}${latest && `, last ${latest}`}${held}`
  const rest = everyMs === undefined ? 'no sample' : `a sample every ${everyMs / 1_000} s`
  if (!tick.sessions) return `${at}  ${p.yellow(rest)}  ${connects}`
  const vcpus = connection?.facts.target.vcpus
  const { active, load } = loadOf(tick, tick.sessions)
  const classes = byLoad(load).map(([name, n]) => (name === 'Lock' ? p.red(`${name} ${n}`) : `${name} ${n}`))
  const used = slotsUsed(tick)
  const slots = limits && used !== undefined ? `slots ${String(used).padStart(2)}/${usableSlots(limits)}` : ''
  const often = tick.samples === undefined ? '' : p.dim(`  ${tick.samples} samples`)
  return `${at}  AAS ${String(active).padStart(2)}${vcpus ? ` on ${vcpus} vCPU` : ''}  ${slots}  ${connects}  ${p.dim(classes.join(' '))}${often}`
}

/** As counted, or as the whole numbers next to the means of a burst. */
function loadOf({ signals, samples = 1 }: Tick, sessions: readonly SessionSample[]) {
  const count = (fits: (session: SessionSample) => boolean) => sessions.filter(fits).length
  const mean = (value: number | undefined) => Math.round(value ?? 0)
  const load: ByWaitClass = {}
  for (const name of WAIT_CLASSES) {
    const signal = `aas_${name.toLowerCase() as Lowercase<typeof name>}` as const
    load[name] = samples > 1 ? mean(signals[signal]) : count(({ waitClass }) => waitClass === name)
  }
  return { active: samples > 1 ? mean(signals.aas) : count(({ state }) => state === 'active'), load }
}
