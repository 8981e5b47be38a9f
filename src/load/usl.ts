// The concurrency at which a server does most: the Universal Scalability Law (Gunther 1993), fitted to what was seen.
import { median, type Point } from './number.ts'

export interface Scalability {
  /** Sessions at work at which throughput is highest; Infinity where more of them never did harm. */
  peak: number
  /** Share of the spread of N ÷ X that the fit explains, 0 to 1. */
  fit: number
}

/** Levels of concurrency below which a curve of three parameters says nothing. */
const MIN_LEVELS = 6

/**
 * N ÷ X(N) = (1 + σ(N−1) + κN(N−1)) ÷ γ is linear in its three parameters: least squares over the median X of each
 * whole N. `points`: x sessions at work, y throughput. Undefined with too few levels, or where the curve is no USL.
 */
export function scalability(points: readonly Point[]): Scalability | undefined {
  const levels = new Map<number, number[]>()
  for (const { x, y } of points) {
    const n = Math.round(x)
    if (n < 1 || !(y > 0)) continue
    const known = levels.get(n)
    if (known) known.push(y)
    else levels.set(n, [y])
  }
  if (levels.size < MIN_LEVELS) return undefined
  const rows = [...levels].map(([n, ys]) => ({ n, z: n / median(ys), weight: ys.length }))
  const solved = leastSquares(rows.map(({ n, z, weight }) => ({ x: [1, n - 1, n * (n - 1)], z, weight })))
  if (!solved) return undefined
  const [inverse = 0, linear = 0, square = 0] = solved
  if (inverse <= 0) return undefined
  const [sigma, kappa] = [linear / inverse, square / inverse]
  const predicted = ({ n }: { n: number }) => inverse + linear * (n - 1) + square * n * (n - 1)
  const middle = rows.reduce((sum, { z }) => sum + z, 0) / rows.length
  const total = rows.reduce((sum, { z }) => sum + (z - middle) ** 2, 0)
  const left = rows.reduce((sum, row) => sum + (row.z - predicted(row)) ** 2, 0)
  return {
    peak: kappa > 0 ? Math.sqrt(Math.max(0, 1 - sigma) / kappa) : Number.POSITIVE_INFINITY,
    fit: total > 0 ? Math.max(0, 1 - left / total) : 1,
  }
}

interface Row {
  x: [number, number, number]
  z: number
  weight: number
}

/** Normal equations of three unknowns by Cramer's rule; undefined when the rows say the same thing. */
function leastSquares(rows: readonly Row[]): number[] | undefined {
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + row.weight * of(row), 0)
  const matrix = [0, 1, 2].map(i => [0, 1, 2].map(j => sum(({ x }) => x[i]! * x[j]!)))
  const right = [0, 1, 2].map(i => sum(({ x, z }) => x[i]! * z))
  const whole = determinant(matrix)
  if (Math.abs(whole) < 1e-12) return undefined
  return [0, 1, 2].map(
    at => determinant(matrix.map((row, i) => row.map((cell, j) => (j === at ? right[i]! : cell)))) / whole,
  )
}

const determinant = ([a = [], b = [], c = []]: number[][]): number =>
  a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) -
  a[1]! * (b[0]! * c[2]! - b[2]! * c[0]!) +
  a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!)
