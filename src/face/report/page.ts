// The whole page, in the order in which somebody woken at night needs it.
import { chartsSection } from './chart/index.ts'
import { html } from './html.ts'
import type { ReportInput } from './input.ts'
import { ruledOutSection, skippedSection, smallPrint } from './section/excluded.ts'
import { findingsSection } from './section/findings.ts'
import { remediesSection } from './section/remedies.ts'
import { runSection } from './section/run.ts'
import { blockingSection, holdersSection } from './section/sessions.ts'
import { statementsSection } from './section/statements.ts'
import { verdictSection } from './section/verdict.ts'
import { STYLE } from './style/index.ts'

/** One self-contained HTML document: no script, nothing loaded, everything from evidence escaped. */
export function renderReport(input: ReportInput): string {
  const { diagnosis, timeline, plan, run } = input
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${input.title ?? `${diagnosis.target.name} – Spillway`}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${verdictSection(input)}
${run && runSection(run)}
${chartsSection(input)}
${findingsSection(diagnosis.findings)}
${diagnosis.statements && statementsSection(diagnosis.statements)}
${diagnosis.blocking.length > 0 && blockingSection(diagnosis.blocking)}
${diagnosis.holders.length > 0 && holdersSection(diagnosis.holders)}
${plan && remediesSection(plan, run)}
${diagnosis.ruledOut.length > 0 && ruledOutSection(diagnosis.ruledOut)}
${diagnosis.skipped.length > 0 && skippedSection(diagnosis.skipped)}
</main>
${smallPrint(diagnosis, timeline.tickMs)}
</body>
</html>
`.markup
}
