// By whose doing the load has grown: the statements that cause it apart from those that only take longer because of them.
import type { StatementChange } from '../../../model/index.ts'
import { amount, dotted } from '../format.ts'
import { type Html, html } from '../html.ts'

const TEXT_MOST = 160

export const statementsSection = (
  statements: StatementChange[],
): Html => html`<section aria-labelledby="statements">
<h2 id="statements">Statements</h2>
<table><caption>Average active sessions in each, before and during the incident, and how many would be gone, were it as before</caption>
<thead><tr><th scope="col">statement</th><th scope="col">before</th><th scope="col">during</th><th scope="col">gone without</th></tr></thead>
<tbody>${statements.map(row)}</tbody></table>
</section>`

const row = (one: StatementChange): Html => html`<tr>
<th scope="row"><code>${text(one)}</code> <small>${dotted(
  one.role === 'causes' ? 'causes it' : 'suffers',
  one.callsPerS && `calls a second ${amount(one.callsPerS.before)} → ${amount(one.callsPerS.during)}`,
  one.byCalls !== undefined &&
    one.byTime !== undefined &&
    `by more calls ${signed(one.byCalls)}, by longer ones ${signed(one.byTime)}`,
)}</small></th>
<td>${amount(one.aas.before)}</td><td>${amount(one.aas.during)}</td><td>${
  one.role === 'causes' ? html`<strong>${amount(one.aas.returns)}</strong>` : amount(one.aas.returns)
}</td></tr>`

const text = ({ statement, statementId }: StatementChange): string => {
  const line = statement?.replace(/\s+/g, ' ').trim() ?? statementId
  return line.length > TEXT_MOST ? `${line.slice(0, TEXT_MOST - 1)}…` : line
}

const signed = (value: number): string => (value < 0 ? `−${amount(-value)}` : `+${amount(value)}`)
