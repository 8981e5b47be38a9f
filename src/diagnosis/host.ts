// What the load excludes of the machine: CPU and storage that have nothing to do are not the bottleneck.
import type { LoadSummary, RuledOut } from '../model/index.ts'
import { percent, round1 } from './say.ts'

/** CPU is idle below this many sessions on CPU for each vCPU, and below this share of the host. */
const IDLE_SESSIONS = 0.75
const IDLE_PCT = 70
/** Share of the load below which waiting for storage is a side matter. */
const SIDE_MATTER = 0.1

export function excludedByLoad({ ticks, aas, byWaitClass, vcpus, cpuPct }: LoadSummary): RuledOut[] {
  if (ticks === 0) return []
  const found: RuledOut[] = []
  const { CPU: cpu = 0, IO: io = 0 } = byWaitClass
  if (vcpus !== undefined && cpu < IDLE_SESSIONS * vcpus && (cpuPct ?? 0) < IDLE_PCT) {
    const host = cpuPct === undefined ? '' : `, host CPU ${Math.round(cpuPct)} %`
    found.push({ cause: 'cpu-starvation', reason: `${round1(cpu)} sessions on CPU of ${vcpus} vCPUs${host}` })
  }
  if (Object.keys(byWaitClass).length > 0 && io < Math.max(1, SIDE_MATTER * aas)) {
    found.push({
      cause: 'io-saturation',
      reason: `${round1(io)} sessions wait for storage, ${percent(aas > 0 ? io / aas : 0)} of the load`,
    })
  }
  return found
}
