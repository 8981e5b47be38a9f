// What was done and what came of it: the prediction beside the measurement.
import type { Run } from '../../../model/index.ts'
import { amount, clock, duration } from '../format.ts'
import { type Html, html } from '../html.ts'

export const runSection = (
  run: Run,
): Html => html`<section class="run ${run.verified ? 'good' : 'bad'}" aria-labelledby="run">
<div><h2 id="run"><span class="sign" aria-hidden="true">${run.verified ? '✓' : '✗'}</span> ${headline(run)}</h2>
<p><strong>${run.advice.title}</strong> at <time>${clock(run.actedAt ?? run.startedAt)}</time>${
  run.result && html`: ${run.result.message}`
}</p>
${run.irreversible !== undefined && html`<p>Cannot be taken back: ${run.irreversible}</p>`}
</div>
${run.comparison.length > 0 && comparisonTable(run)}
</section>`

function headline(run: Run): string {
  if (run.result && !run.result.done)
    return run.result.status === 'gone' ? 'There was nothing left to do' : 'Not done'
  if (!run.result) return 'Not done'
  const after =
    run.recoveredAt === undefined
      ? 'Done, not recovered'
      : `Recovered ${duration(run.recoveredAt - (run.actedAt ?? run.startedAt))} after the remedy`
  return `${after}, ${run.verified ? 'verified' : 'not verified'}`
}

const comparisonTable = (run: Run): Html => html`<table>
<caption class="unseen">Before the remedy, predicted and measured after it</caption>
<thead><tr><td></td><th scope="col">before</th><th scope="col">predicted</th><th scope="col">measured</th></tr></thead>
<tbody>${run.comparison.map(
  row =>
    html`<tr><th scope="row">${row.measure === 'aas' ? 'AAS' : row.measure}</th><td>${amount(row.before)}</td><td>${amount(row.predicted)}</td><td><strong>${amount(row.measured)}</strong></td></tr>`,
)}</tbody></table>`
