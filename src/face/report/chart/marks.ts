// The moments that matter, as lines through all charts with labels that do not cover each other.
import type { Mark } from '../../../model/index.ts'
import { clock, duration, moment } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { TimeAxis } from './axis.ts'

/** Widths that the labels are laid out for: the narrowest plot that shows words, and the narrowest of all. */
const WIDE_PX = 620
const NARROW_PX = 270
const LETTER_PX = 6.8
const BADGE_PX = 22
const LETTERS_MOST = 30

export interface PlacedLabel {
  /** Percent of the width. */
  x: number
  width: number
  /** Rows above the first chart, 0 the lowest. */
  lane: number
  /** Stands to the left of its line, because there is no room to the right of it. */
  flipped: boolean
}

export interface Marks {
  /** Labels above the charts and lines down through them. */
  overlay: Html
  /** The same in words, with times. */
  key: Html
  /** Rows of labels, with words and with numbers only. */
  lanes: { wide: number; narrow: number }
}

export function marksOf(marks: Mark[], axis: TimeAxis): Marks {
  const sorted = [...marks].sort((a, b) => a.t - b.t)
  const at = sorted.map(mark => axis.x(mark.t))
  const wide = place(
    at.map((x, i) => ({ x, width: ((shown(sorted[i]!).length * LETTER_PX + BADGE_PX) / WIDE_PX) * 100 })),
  )
  const narrow = place(at.map(x => ({ x, width: (BADGE_PX / NARROW_PX) * 100 })))
  return {
    overlay: html`<div class="marks" aria-hidden="true">${sorted.map((mark, i) => line(mark, i, wide[i]!, narrow[i]!))}</div>`,
    key: key(sorted, axis),
    lanes: { wide: lanesOf(wide), narrow: lanesOf(narrow) },
  }
}

/**
 * Gives every label the lowest lane in which it covers no other label and no line. From the right to the left: a
 * label spans to the right of its line, so it has to lie above every line it spans over.
 */
export function place(labels: { x: number; width: number }[]): PlacedLabel[] {
  const placed: PlacedLabel[] = labels.map(label => ({
    ...label,
    lane: 0,
    flipped: label.x + label.width > 100,
  }))
  const flipped = placed.filter(label => label.flipped)
  const rightward = placed.filter(label => !label.flipped).reverse()
  const done: PlacedLabel[] = []
  for (const label of [...flipped, ...rightward]) {
    const above = done.filter(other => overlap(label, other)).map(other => other.lane + 1)
    label.lane = Math.max(0, ...above)
    done.push(label)
  }
  return placed
}

const left = (label: PlacedLabel): number => (label.flipped ? label.x - label.width : label.x)

const overlap = (a: PlacedLabel, b: PlacedLabel): boolean =>
  left(a) <= left(b) + b.width && left(b) <= left(a) + a.width

const lanesOf = (labels: PlacedLabel[]): number =>
  labels.reduce((most, label) => Math.max(most, label.lane + 1), 0)

const shown = (mark: Mark): string =>
  mark.label.length > LETTERS_MOST ? `${mark.label.slice(0, LETTERS_MOST - 1)}…` : mark.label

const line = (mark: Mark, i: number, wide: PlacedLabel, narrow: PlacedLabel): Html =>
  html`<div class="mark ${KINDS[mark.kind]}" style="--x:${wide.x}%;--wide:${wide.lane};--narrow:${narrow.lane}"><span class="${wide.flipped && 'flip'} ${narrow.flipped && 'flip-narrow'}"><b>${i + 1}</b> <em>${shown(mark)}</em></span></div>`

// The classes by kind: one that is not known must not reach an attribute.
const KINDS: Record<Mark['kind'], string> = {
  fault: 'bad',
  onset: 'bad',
  'first-failure': 'bad',
  detected: 'seen',
  remedy: 'good',
  recovered: 'good',
}

function key(sorted: Mark[], axis: TimeAxis): Html {
  const zero = sorted[0]?.t ?? axis.from
  return html`<ol class="moments">${sorted.map(
    (mark, i) =>
      html`<li class="${KINDS[mark.kind]}"><b aria-hidden="true">${i + 1}</b> ${mark.label} <time>${when(mark.t, axis)}</time>${i > 0 && html` <small>+${duration(mark.t - zero)}</small>`}</li>`,
  )}</ol>`
}

/** With its date, when the mark lies outside the window and so stands on its edge. */
const when = (t: number, axis: TimeAxis): string =>
  t < axis.from
    ? `${moment(t)}, before this window`
    : t > axis.to
      ? `${moment(t)}, after this window`
      : clock(t)
