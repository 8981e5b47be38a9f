// The findings, root cause first, each with what speaks for it, against it, and what would be needed to tell.
import type { EvidenceItem, Finding, SessionSample, Share, Subject } from '../../../model/index.ts'
import { clock, confidence, dotted, duration, percent } from '../format.ts'
import { type Html, html } from '../html.ts'

export const findingsSection = (findings: Finding[]): Html => html`<section aria-labelledby="findings">
<h2 id="findings">Why${findings.length > 1 && html` <small>root cause first</small>`}</h2>
${findings.length === 0 ? html`<p>No finding.</p>` : findings.map(article)}
</section>`

const article = (
  finding: Finding,
  i: number,
): Html => html`<article class="finding ${SEVERITIES[finding.severity]}">
<h3>${i + 1}. ${finding.title}</h3>
<p class="meta"><code>${finding.cause}</code>${finding.kind !== undefined && html` <code>${finding.kind}</code>`} <span>${dotted(
  finding.severity,
  `${confidence(finding.confidence)}, ${percent(finding.confidence)}`,
  `since ${clock(finding.onset)}`,
)}</span></p>
${shares(finding.share)}
${evidence(finding.evidence)}
${finding.subject && subject(finding.subject)}
</article>`

const SEVERITIES: Record<Finding['severity'], string> = {
  critical: 'bad',
  warning: 'unclear',
  notice: 'seen',
}

const shares = (share: Share): Html => html`<dl class="shares">
${bar('slots explained', share.slots)}${bar('AAS explained', share.aas)}${bar('failures explained', share.failures)}
</dl>`

const bar = (label: string, fraction: number): Html =>
  html`<div><dt>${label}</dt><dd>${percent(fraction)}<i style="--part:${Math.round(Math.min(1, Math.max(0, fraction)) * 100)}%"></i></dd></div>`

const WEIGHTS = [
  { weight: 'for', glyph: '+', name: 'good' },
  { weight: 'against', glyph: '−', name: 'bad' },
  { weight: 'missing', glyph: '?', name: 'unclear' },
] as const

const evidence = (items: EvidenceItem[]): Html | false =>
  items.length > 0 &&
  html`<ul class="evidence">${WEIGHTS.map(({ weight, glyph, name }) =>
    items
      .filter(item => item.weight === weight)
      .map(
        item =>
          html`<li class="${name}"><b aria-hidden="true">${glyph}</b><span class="unseen">${weight}: </span>${item.text}</li>`,
      ),
  )}</ul>`

function subject(about: Subject): Html | false {
  const { session } = about
  const statement = about.statement ?? session?.statement
  const rows: [string, string | undefined][] = [
    ['Session', session && dotted(session.id, state(session))],
    [
      'Transaction',
      session?.transactionAgeMs === undefined ? undefined : `open for ${duration(session.transactionAgeMs)}`,
    ],
    ['Application', about.application ?? session?.application],
    ['User', about.user ?? session?.user],
    ['Host', about.host ?? session?.host],
    ['Database', about.database ?? session?.database],
    ['Object', about.object],
    ['Statement id', about.statementId ?? session?.statementId],
  ]
  const known = rows.filter(([, value]) => value !== undefined && value !== '')
  if (known.length === 0 && statement === undefined) return false
  return html`<dl class="subject">${known.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
${statement !== undefined && html`<p class="label">${session && session.state !== 'active' ? 'Its last statement' : 'Statement'}</p><pre><code>${statement}</code></pre>`}`
}

/** `idle in transaction for 6 min 12 s`, `active, waits for a lock for 3.2 s`. */
export const state = (session: SessionSample): string =>
  [
    session.state,
    session.waitClass === 'Lock' && ', waits for a lock',
    session.stateAgeMs !== undefined && ` for ${duration(session.stateAgeMs)}`,
  ]
    .filter(part => part !== false)
    .join('')
