// Which stretch of time to ask for, and how finely: the suspect time, and enough of calm before it to compare with.
import { AppError, type Interval } from '../../model/index.ts'

export interface Asked {
  /** Epoch milliseconds. Without both, the last hour and whatever is wrong in it. */
  since?: number
  until?: number
  /** Seconds a tick; chosen when absent. */
  periodS?: Period
  /** Calm before the suspect time, milliseconds; chosen when absent. */
  leadMs?: number
}

/** What Performance Insights and CloudWatch have in common, and the seconds of Performance Insights. */
const PERIODS = [1, 60, 300, 3_600] as const
type Period = (typeof PERIODS)[number]

export interface Span {
  /** All that is asked for; whole periods. */
  range: Interval
  /** What somebody suspects. */
  suspect?: Interval
  periodS: Period
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Calm before the suspect time: as long as it is, within these. */
const LEAD = { least: HOUR, most: DAY }
const UNASKED = 2 * HOUR
/** More ticks say nothing more and cost calls. */
const MOST_TICKS = { 1: 3_600, 60: 1_440, 300: 2_016, 3600: 11_000 }
/** How long CloudWatch keeps a resolution. */
const KEPT = { 1: 15 * DAY, 60: 15 * DAY, 300: 63 * DAY, 3600: 455 * DAY }

/** Throws AppError `option-invalid`. */
export function spanOf(
  { since, until = Number.POSITIVE_INFINITY, periodS, leadMs }: Asked,
  now: number,
): Span {
  const to = Math.min(until, now)
  if (since !== undefined && since >= to)
    throw invalid('--since is not before --until', 'Give a time that is over: --since 14:00 --until 14:30.')
  if (since === undefined && Number.isFinite(until))
    throw invalid('--until was given without --since', 'Say from when: --since 14:00 --until 14:30.')
  const lead = leadMs ?? (since === undefined ? UNASKED : leadOf(to - since, periodS))
  const from = (since ?? to) - lead
  if (from < now - KEPT[3_600]) throw invalid('AWS keeps its metrics for 455 days', 'Ask for a later time.')
  const period = periodS ?? PERIODS.find(p => p !== 1 && fits(p, from, to, now)) ?? 3_600
  if (!fits(period, from, to, now))
    throw invalid(
      `there is no data of ${period} s for all of that time`,
      'Ask for a shorter or later time, or leave --period out.',
    )
  const step = period * 1_000
  const whole = (t: number) => Math.floor(t / step) * step
  // A period that is not over has no mean yet.
  const end = Math.max(whole(to), whole(since ?? from) + step)
  return {
    range: { from: whole(from), to: end },
    ...(since === undefined ? {} : { suspect: { from: whole(since), to: end } }),
    periodS: period,
  }
}

/** Seconds are many: of them there is only as much calm as there is room for. */
function leadOf(length: number, periodS: Period | undefined): number {
  const lead = Math.min(LEAD.most, Math.max(LEAD.least, length))
  return periodS === 1 ? Math.min(lead, Math.max(0, MOST_TICKS[1] * 1_000 - length)) : lead
}

const fits = (period: Period, from: number, to: number, now: number): boolean =>
  from >= now - KEPT[period] && (to - from) / (period * 1_000) <= MOST_TICKS[period]

const invalid = (what: string, hint: string) => new AppError('option-invalid', what, hint)
