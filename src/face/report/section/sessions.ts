// Who blocks whom, and who holds the slots: two tables narrow enough for a phone.
import type { BlockingHead, LockWait, SlotHolder } from '../../../model/index.ts'
import { count, dotted } from '../format.ts'
import { type Html, html } from '../html.ts'
import { state } from './findings.ts'

// Rows beyond these are counted, not listed: nobody reads them at night.
const HEADS_MOST = 10
const HOLDERS_MOST = 20

export const blockingSection = (heads: BlockingHead[]): Html => html`<section aria-labelledby="blocking">
<h2 id="blocking">Who blocks whom</h2>
<table><caption>Sessions at the head of a blocking tree, at the worst moment</caption>
<thead><tr><th scope="col">session</th><th scope="col">lock</th><th scope="col">blocks</th><th scope="col">depth</th></tr></thead>
<tbody>${heads.slice(0, HEADS_MOST).map(headRow)}</tbody></table>
${more(heads.length - HEADS_MOST, 'smaller tree')}
</section>`

const headRow = ({ session, blocked, depth, lock }: BlockingHead): Html => html`<tr>
<th scope="row">${session.id} <small>${dotted(session.application, session.user, session.host)}</small> <small>${state(session)}</small></th>
<td class="text">${lock ? lockName(lock) : '–'}</td><td>${blocked}</td><td>${depth}</td></tr>`

const lockName = (lock: LockWait): string =>
  `${lock.kind}${lock.object === undefined ? '' : ` of ${lock.object}`}${lock.exclusive ? ', exclusive' : ''}`

export function holdersSection(holders: SlotHolder[]): Html {
  const all = [...holders].sort((a, b) => b.slots - a.slots)
  return html`<section aria-labelledby="holders">
<h2 id="holders">Who holds the slots</h2>
<table class="holders"><caption>Slots by application, as the sessions stood</caption>
<thead><tr><th scope="col">application</th><th scope="col">slots</th><th scope="col">running</th><th scope="col">waiting for a lock</th><th scope="col">idle in trans&shy;action</th><th scope="col">idle</th></tr></thead>
<tbody>${all.slice(0, HOLDERS_MOST).map(holder => holderRow(holder, all[0]!.slots))}</tbody></table>
${more(all.length - HOLDERS_MOST, 'smaller holder')}
</section>`
}

/** What waits is part of what is active; the columns here do not overlap, as in the chart. */
function holderRow(holder: SlotHolder, most: number): Html {
  const parts = [
    { name: 'cpu', n: holder.active - holder.waiting },
    { name: 'lock', n: holder.waiting },
    { name: 'timeout', n: holder.idleInTransaction },
    { name: 'idle', n: holder.idle },
  ]
  return html`<tr><th scope="row">${holder.application || '(no name)'} <small>${dotted(holder.user, holder.host)}</small>
<span class="parts" aria-hidden="true">${parts
    .filter(part => part.n > 0)
    .map(
      part => html`<i class="${part.name}" style="width:${((part.n / most) * 100).toFixed(1)}%"></i>`,
    )}</span></th>
<td><strong>${holder.slots}</strong></td>${parts.map(part => html`<td class="${part.n === 0 && 'none'}">${part.n}</td>`)}</tr>`
}

const more = (n: number, noun: string): Html | false =>
  n > 0 && html`<p class="small">and ${count(n, noun)} more</p>`
