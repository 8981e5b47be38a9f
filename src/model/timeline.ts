// The series behind the three charts, on one time axis. A gap is null, never zero.
import type { ProbeResult } from './probe.ts'
import type { WaitClass } from './wait.ts'

export interface Mark {
  t: number
  kind: 'fault' | 'onset' | 'first-failure' | 'detected' | 'remedy' | 'recovered'
  label: string
}

/** Stacked bottom to top in the order given. */
export interface Series<Name extends string> {
  name: Name
  values: (number | null)[]
}

export type SlotUse = 'active' | 'waiting for a lock' | 'idle in transaction' | 'idle' | 'other'

export interface Timeline {
  from: number
  to: number
  tickMs: number
  /** Starts of the ticks, epoch milliseconds; every series has one value for each. */
  t: number[]
  vcpus?: number
  aas: Series<WaitClass>[]
  slots: Series<SlotUse>[]
  usable?: number
  max?: number
  probes: ProbeResult[]
  marks: Mark[]
}
