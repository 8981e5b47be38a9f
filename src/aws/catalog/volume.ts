// What a volume of RDS gives: I/O operations and bytes a second, for ever and in a burst.
// Source: RDS User Guide, CHAP_Storage, 2026-04-13; scripts/facts/README.md says how to look again.
import type { Database } from '../describe/database.ts'
import type { Allowance } from './index.ts'

export interface VolumeLimits {
  iops: Allowance
  mibPerS: number
}

/** From this size on RDS stripes over four volumes. */
const STRIPED_GIB = 400

/** Undefined for Aurora, whose volume has no such limit, and for types that are not known. */
export function volumeLimits({
  product,
  storage,
}: Pick<Database, 'product' | 'storage'>): VolumeLimits | undefined {
  if (product.startsWith('aurora')) return undefined
  const { type, gib, iops, mibPerS } = storage
  const striped = gib >= STRIPED_GIB
  if (type === 'gp3') return steady(iops ?? (striped ? 12_000 : 3_000), mibPerS ?? (striped ? 500 : 125))
  if (type === 'gp2') return gp2(gib)
  if (type === 'io1' && iops) return steady(iops, striped ? 4_000 : 500)
  // 0.256 MiB/s for each operation, up to 16,000.
  if (type === 'io2' && iops) return steady(iops, Math.min(16_000, iops * 0.256))
  if (type === 'standard') return steady(1_000, Number.NaN)
  return undefined
}

const steady = (iops: number, mibPerS: number): VolumeLimits => ({
  iops: { baseline: iops, peak: iops },
  mibPerS,
})

/** Three operations a second for each GiB; small volumes burst on the credits of BurstBalance. */
function gp2(gib: number): VolumeLimits {
  const baseline = Math.min(64_000, Math.max(100, 3 * gib))
  const burst = gib < STRIPED_GIB ? 3_000 : gib < 4_000 ? 12_000 : baseline
  const mibPerS = gib < 170 ? 128 : gib < STRIPED_GIB ? 250 : 1_000
  return { iops: { baseline, peak: Math.max(baseline, burst) }, mibPerS }
}
