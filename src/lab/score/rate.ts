// A share with what its number of trials leaves open, and the middle of some numbers.

export interface Rate {
  hits: number
  of: number
  /** Bounds of the 95 % interval. */
  low: number
  high: number
}

const Z = 1.959964

/** Wilson's score interval (E. B. Wilson 1927, JASA 22, 209–212). */
export const rate = (outcomes: readonly boolean[]): Rate => {
  const of = outcomes.length
  const hits = outcomes.filter(Boolean).length
  if (of === 0) return { hits, of, low: 0, high: 1 }
  const p = hits / of
  const scale = 1 + (Z * Z) / of
  const middle = p + (Z * Z) / (2 * of)
  const spread = Z * Math.sqrt((p * (1 - p)) / of + (Z * Z) / (4 * of * of))
  // Rounding must not push a bound past the share itself.
  return {
    hits,
    of,
    low: hits === 0 ? 0 : (middle - spread) / scale,
    high: hits === of ? 1 : (middle + spread) / scale,
  }
}

/** Nearest rank; undefined for none. */
export const quantile = (numbers: readonly number[], q: number): number | undefined =>
  [...numbers].sort((a, b) => a - b)[Math.max(0, Math.ceil(q * numbers.length) - 1)]
