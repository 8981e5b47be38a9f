// What it is not, what could not be looked at, and on how much all of this rests.
import type { Diagnosis, RuledOut, Skipped } from '../../../model/index.ts'
import { count, dotted, duration, moment } from '../format.ts'
import { type Html, html } from '../html.ts'

export const ruledOutSection = (ruledOut: RuledOut[]): Html => html`<section aria-labelledby="ruled-out">
<h2 id="ruled-out">Ruled out</h2>
<dl class="reasons">${ruledOut.map(out => html`<div><dt>${out.cause}</dt><dd>${out.reason}</dd></div>`)}</dl>
</section>`

export const skippedSection = (skipped: Skipped[]): Html => html`<section aria-labelledby="skipped">
<h2 id="skipped">Not looked at</h2>
<dl class="reasons">${skipped.map(skip => html`<div><dt>${skip.check}</dt><dd>${skip.reason}</dd></div>`)}</dl>
</section>`

export const smallPrint = ({ load, generatedAt, schema }: Diagnosis, tickMs: number): Html =>
  html`<footer><p>${dotted(
    count(load.ticks, 'sample'),
    count(load.gaps, 'gap'),
    `one tick ${duration(tickMs)}`,
    schema,
    `generated ${moment(generatedAt)}`,
  )}</p></footer>`
