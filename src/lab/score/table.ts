// What the pages of the score have in common: how a rate is written, and what was said instead of what.
import type { Score } from './index.ts'
import type { Rate } from './rate.ts'

export const matrixTable = (matrix: Score['matrix']): string[] => {
  const said = [...new Set(Object.values(matrix).flatMap(row => Object.keys(row)))].sort()
  return [
    `| true \\ said | ${said.join(' | ')} |`,
    `|---|${said.map(() => '---|').join('')}`,
    ...Object.entries(matrix)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([truth, row]) => `| **${truth}** | ${said.map(name => row[name] ?? '').join(' | ')} |`),
  ]
}

export const rateText = ({ hits, of, low, high }: Rate): string =>
  of === 0 ? '–' : `${hits}/${of} = ${percent(hits / of)} [${percent(low)}, ${percent(high)}]`

export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${Math.round(100 * share)} %`
