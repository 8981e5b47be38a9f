// The figures of a score: top-1, top-2, overlap, false alarms, calibration, with Wilson intervals.

const HEALTHY = 'healthy'
const BINS = 10

/** `scored`: {truth: [cause], outcome, causes: [cause], confidence, overlap?} a case. */
export function summarise(scored) {
  const faulty = scored.filter(({ truth }) => truth[0] !== HEALTHY)
  const calm = scored.filter(({ truth }) => truth[0] === HEALTHY)
  const within = n =>
    faulty.filter(({ truth, causes }) => causes.slice(0, n).some(c => truth.includes(c))).length
  const alarms = calm.filter(({ outcome }) => outcome !== HEALTHY).length
  const overlaps = faulty.map(each => each.overlap ?? 0)
  const named = scored.filter(({ causes }) => causes.length > 0)
  const judged = named.map(({ confidence, causes, truth }) => [confidence, truth.includes(causes[0]) ? 1 : 0])
  const figures = {
    top1: ratio(within(1), faulty.length),
    top2: ratio(within(2), faulty.length),
    falseAlarms: ratio(alarms, calm.length),
    abstained: ratio(faulty.filter(({ causes }) => causes.length === 0).length, faulty.length),
    overlap: mean(overlaps),
    ece: calibrationError(judged),
    brier: mean(judged.map(([confidence, right]) => (confidence - right) ** 2)),
  }
  return { ...figures, rows: rowsOf(figures), byClass: byClass(faulty) }
}

const rowsOf = ({ top1, top2, falseAlarms, abstained, overlap, ece, brier }) => [
  ['top-1', ...shown(top1), '≥ 90 %'],
  ['top-2', ...shown(top2), '≥ 95 %'],
  ['false alarms on normal', ...shown(falseAlarms), '0'],
  ['faulty ones without a cause', ...shown(abstained), ''],
  ['overlap of the window (IoU), mean', overlap.toFixed(2), '', '≥ 0.8'],
  ['calibration error (ECE)', ece.toFixed(3), '', '≤ 0.08'],
  ['Brier score', brier.toFixed(3), '', ''],
]

const shown = ({ n, of, share, low, high }) =>
  of === 0 ? ['–', ''] : [`${n} of ${of} (${percent(share)})`, `${percent(low)}–${percent(high)}`]

const percent = share => `${(100 * share).toFixed(1)} %`

const mean = values => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/** With the interval of Wilson (1927), z = 1.96. */
function ratio(n, of) {
  const z = 1.96
  const share = of === 0 ? 0 : n / of
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of)
  const half = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of)
  return { n, of, share, low: of === 0 ? 0 : Math.max(0, middle - half), high: of === 0 ? 1 : middle + half }
}

/** Expected calibration error (Naeini 2015): confidence against being right, in ten equal bins. */
function calibrationError(judged) {
  const bins = Array.from({ length: BINS }, (_, i) =>
    judged.filter(([confidence]) => Math.min(BINS - 1, Math.floor(confidence * BINS)) === i),
  )
  return bins.reduce((sum, bin) => {
    const gap = Math.abs(mean(bin.map(([confidence]) => confidence)) - mean(bin.map(([, right]) => right)))
    return sum + (bin.length / Math.max(1, judged.length)) * gap
  }, 0)
}

function byClass(faulty) {
  const classes = [...new Set(faulty.map(({ name }) => name.replace(/-\d+$/, '')))]
  return Object.fromEntries(
    classes.map(name => {
      const own = faulty.filter(each => each.name.replace(/-\d+$/, '') === name)
      const right = own.filter(({ truth, causes }) => truth.includes(causes[0])).length
      return [name, { ...ratio(right, own.length), overlap: mean(own.map(each => each.overlap ?? 0)) }]
    }),
  )
}

/** Rows: the groups of the cases; columns: what was said first. */
export function confusion(scored, table) {
  const said = ({ outcome, causes }) => causes[0] ?? outcome
  const columns = [...new Set(scored.map(said))].sort()
  const groups = [...new Set(scored.map(({ name, truth }) => `${name.replace(/-\d+$/, '')} → ${truth[0]}`))]
  const rows = groups.map(group => [
    group,
    ...columns.map(column => {
      const n = scored.filter(
        each => `${each.name.replace(/-\d+$/, '')} → ${each.truth[0]}` === group && said(each) === column,
      ).length
      return n || ''
    }),
  ])
  return table(['', ...columns], rows)
}
