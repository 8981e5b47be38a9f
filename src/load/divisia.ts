// What made a load grow: more calls, or calls that take longer.

export interface Demand {
  /** Average active sessions. */
  aas: number
  callsPerS: number
}

/**
 * By Little's law AAS = calls a second × seconds a call. The change of a product, split without a remainder and the same in either
 * direction: the log-mean Divisia index (Ang 2004, LMDI-I). Without a call on one side there is nothing to split: what came or went did
 * so with its calls, and what is at work though no call ends takes longer.
 */
export function splitGrowth(before: Demand, during: Demand): { byCalls: number; byTime: number } {
  const gained = during.aas - before.aas
  const came = before.callsPerS === 0 && gained >= 0
  const went = during.callsPerS === 0 && gained < 0
  if (came || went) return { byCalls: gained, byTime: 0 }
  if ([before.callsPerS, during.callsPerS, before.aas, during.aas].includes(0))
    return { byCalls: 0, byTime: gained }
  const byCalls = logMean(during.aas, before.aas) * Math.log(during.callsPerS / before.callsPerS)
  return { byCalls, byTime: gained - byCalls }
}

const logMean = (a: number, b: number): number => (a === b ? a : (a - b) / Math.log(a / b))
