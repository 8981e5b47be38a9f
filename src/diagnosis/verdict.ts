// The answer in two sentences: what fails, and because of what.
import { type ConnectSummary, type Diagnosis, type ProbeResult, SLOT_FAILURES } from '../model/index.ts'
import type { Explanation } from './explain.ts'
import { whatFails } from './path.ts'
import { plural, round1 } from './say.ts'

type Measured = Pick<Diagnosis, 'outcome' | 'load' | 'slots' | 'incident'>

export function verdict(
  m: Measured,
  probes: readonly ProbeResult[],
  connect: ConnectSummary,
  findings: Explanation['findings'],
): string[] {
  if (m.outcome === 'healthy') return [healthy(m, connect)]
  if (m.load.ticks === 0 && connect.attempts === 0) return ['Nothing was measured.']
  const [root] = findings
  const symptom = sayConnects(m, probes, connect) ?? saySlots(m) ?? root?.symptom ?? sayLoad(m)
  if (root)
    return [
      symptom,
      m.incident?.ongoing === false
        ? `It is over. It was because ${root.because}.`
        : `Because ${root.because}.`,
      ...apart(m, root, findings.slice(1)),
    ]
  if (m.outcome === 'insufficient-data') return [symptom, ...insufficient(m)]
  const { starting = 0 } = m.slots.byState
  if (starting > m.slots.used / 2) {
    return [
      symptom,
      `${plural(starting, 'session')} have not finished authenticating; what keeps them is not known.`,
    ]
  }
  return [symptom, 'The evidence fits none of the causes Spillway knows well enough to name one.']
}

/** Whether failures and load are two matters: a cause that refuses connections and holds neither slots nor processors. */
function apart(
  { load }: Measured,
  root: Explanation['findings'][number],
  others: Explanation['findings'],
): string[] {
  const other = others.find(one => refusesOnly(one) !== refusesOnly(root))
  const cpus = load.vcpus === undefined ? '' : ` on ${load.vcpus} vCPUs`
  if (!refusesOnly(root)) {
    return other && other.share.failures > 0
      ? [`Some connections fail for a reason of their own, unrelated to the load: ${other.because}.`]
      : []
  }
  if (other && other.share.aas > 0) return [`The load is another matter, unrelated to it: ${other.because}.`]
  if (load.ticks === 0) return []
  const isHigh = load.vcpus !== undefined && load.aas > load.vcpus
  return [`The load has no part in it: AAS ${round1(load.aas)}${cpus}${isHigh ? ', high and harmless' : ''}.`]
}

const refusesOnly = ({ share: { failures, aas, slots } }: Explanation['findings'][number]): boolean =>
  failures > 0 && aas === 0 && slots === 0

function healthy({ load, slots }: Measured, connect: ConnectSummary): string {
  const used =
    slots.usable === undefined
      ? `${slots.used} slots in use`
      : `${slots.used} of ${slots.usable} usable slots in use`
  const attempts =
    connect.attempts === 0
      ? ''
      : `${connect.attempts - connect.failed} of ${connect.attempts} connection attempts succeed, `
  const isHigh = load.vcpus !== undefined && load.aas > load.vcpus
  const measured = `AAS ${round1(load.aas)}${load.vcpus ? ` on ${load.vcpus} vCPUs` : ''}`
  return `Healthy: ${attempts}${used}, ${measured}${isHigh ? ': the load is high, and harmless' : ''}.`
}

function sayConnects(
  { slots, incident }: Measured,
  probes: readonly ProbeResult[],
  connect: ConnectSummary,
): string | undefined {
  const fails = whatFails(probes)
  if (!fails) return undefined
  const tense = incident && !incident.ongoing ? 'were' : 'are'
  const full =
    SLOT_FAILURES.includes(fails.failure) &&
    fails.failure !== 'role-limit' &&
    fails.failure !== 'database-limit'
  if (full && slots.usable !== undefined)
    return `New connections ${tense} refused: all ${slots.usable} usable slots ${tense} taken.`
  const some =
    connect.failed < connect.attempts
      ? `${connect.failed} of ${connect.attempts} connection attempts fail`
      : 'Connections fail'
  return `${some}: ${fails.words}.`
}

function saySlots({ slots, incident }: Measured): string | undefined {
  const { usable, used, clamped, timeToExhaustion: left } = slots
  if (usable === undefined) return undefined
  if (clamped) return `All ${usable} usable slots are taken: the next connection will be refused.`
  if (!incident?.ongoing || left === undefined || left === 'never' || left.p50 > 3600) return undefined
  return `Connections will fail in about ${plural(Math.max(1, Math.round(left.p50)), 'second')}: ${used} of ${usable} usable slots are taken and the level rises.`
}

function sayLoad({ load, slots }: Measured): string {
  if (load.aas <= (load.vcpus ?? 1)) return sayQuiet(slots)
  const cpus = load.vcpus === undefined ? '' : ` on ${load.vcpus} vCPUs`
  const room =
    slots.usable === undefined
      ? ''
      : `; ${slots.used} of ${slots.usable} usable slots are taken and connections succeed`
  return `Load is high: ${round1(load.aas)} sessions active at once${cpus}${room}.`
}

const sayQuiet = ({ usable, used }: Measured['slots']): string =>
  usable === undefined
    ? 'Nothing fails, and the load is low.'
    : `Nothing fails now: ${used} of ${usable} usable slots are taken, and the load is low.`

function insufficient({ load }: Measured): string[] {
  if (load.ticks > 0)
    return [`Only ${plural(load.ticks, 'sample')}: too few to tell why. Watch for longer (--for 15s).`]
  return [
    'No session could be sampled, so this is from the connection attempts alone; who holds the slots cannot be seen.',
  ]
}
