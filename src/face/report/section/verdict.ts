// What somebody woken at night reads first: what fails, where, since when, and what to do now.
import type { Diagnosis, Run, Target } from '../../../model/index.ts'
import { clock, count, dotted, duration, moment } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { ReportInput } from '../input.ts'

export function verdictSection({ diagnosis, plan, run, facts = [] }: ReportInput): Html {
  const [first = diagnosis.outcome, ...rest] = diagnosis.verdict
  const sign = signOf(diagnosis)
  const next = run ? undefined : plan?.advice.find(advice => advice.horizon === 'now')
  return html`<header class="verdict ${sign.name}">
<p class="target"><strong>${diagnosis.target.name}</strong> ${targetFacts(diagnosis.target)}</p>
<h1><span class="sign" aria-hidden="true">${sign.glyph}</span><span><span class="unseen">${sign.word}: </span>${first}</span></h1>
${rest.map(line => html`<p class="lead">${line}</p>`)}
${next && html`<p class="next"><a href="#remedies">Fix now:</a> ${next.title}</p>`}
<dl class="facts">
${fact('Since', since(diagnosis, run))}
${fact('First failed connection', diagnosis.connect.firstFailure !== undefined && clock(diagnosis.connect.firstFailure))}
${fact('Watched', watched(diagnosis))}
${facts.map(({ label, value }) => fact(label, value))}
</dl>
</header>`
}

/** Connections that fail are red whatever is known about the cause; red and green are never the only difference. */
function signOf({ outcome, connect }: Diagnosis): { name: string; glyph: string; word: string } {
  if (connect.failed > 0 || outcome === 'diagnosed') return { name: 'bad', glyph: '✗', word: 'Failing' }
  if (outcome === 'healthy') return { name: 'good', glyph: '✓', word: 'Healthy' }
  return { name: 'unclear', glyph: '?', word: 'Unclear' }
}

const ENGINE_NAMES: Record<Target['engine'], string> = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  other: 'RDS',
}

const targetFacts = (target: Target): string =>
  dotted(
    `${ENGINE_NAMES[target.engine]} ${target.engineVersion ?? ''}`.trim(),
    target.instanceClass,
    target.vcpus !== undefined && `${target.vcpus} vCPU`,
  )

const fact = (label: string, value: string | false): Html | false =>
  value !== false && html`<div><dt>${label}</dt><dd>${value}</dd></div>`

function since({ incident, to }: Diagnosis, run: Run | undefined): string | false {
  if (!incident) return false
  if (run?.recoveredAt !== undefined)
    return `${moment(incident.onset)}, until it recovered ${duration(run.recoveredAt - incident.onset)} later`
  return incident.ongoing
    ? `${moment(incident.onset)}, for ${duration(to - incident.onset)} and still going on`
    : `${moment(incident.onset)}, for ${duration(incident.to - incident.onset)}`
}

const watched = ({ from, to, load }: Diagnosis): string =>
  `${moment(from)} to ${sameDay(from, to) ? clock(to) : moment(to)}${load.gaps > 0 ? `, ${count(load.gaps, 'sample')} missing` : ''}`

const sameDay = (a: number, b: number): boolean => moment(a).slice(0, 10) === moment(b).slice(0, 10)
