// Ten samples a second while something begins: for a limited time, with a rest before the next.

/** Between two samples of a burst, milliseconds. */
export const BURST_INTERVAL_MS = 100
/** A burst may last so long in all; what was not used is left for the next one. */
const LONGEST_MS = 30_000
/** It is over after so long without a sign. */
const CALM_MS = 5_000
/** A second of a burst is earned back in two of rest; one that used up its time waits until all of it is back. */
const REST = 2

export interface Burst {
  /** The sign it began with, while it lasts. */
  readonly sign: string | undefined
  /** Told once a tick what is abnormal. */
  see(sign: string | undefined): void
}

export function bursts(tickMs: number): Burst {
  let [leftMs, calmMs, spent] = [LONGEST_MS, 0, false]
  let began: string | undefined
  return {
    get sign() {
      return began
    },
    see(sign) {
      if (began === undefined) {
        leftMs = Math.min(LONGEST_MS, leftMs + tickMs / REST)
        if (leftMs === LONGEST_MS) spent = false
        if (sign === undefined || spent) return
        began = sign
        calmMs = 0
      }
      calmMs = sign === undefined ? calmMs + tickMs : 0
      spent = leftMs < tickMs
      if (spent || calmMs > CALM_MS) began = undefined
      else leftMs -= tickMs
    },
  }
}
