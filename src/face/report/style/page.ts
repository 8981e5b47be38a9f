// Type, spacing, lists and tables. One column; what lies side by side wraps before it is cut off.

export const PAGE_STYLE = `
* { box-sizing: border-box; margin: 0; padding: 0; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; max-width: 960px; margin: 0 auto; padding: 20px 16px 40px; }
h1 { font-size: clamp(22px, 4.2vw, 31px); line-height: 1.22; font-weight: 700; letter-spacing: -.01em; display: flex; gap: .45em; text-wrap: balance; }
h2 { font-size: 19px; line-height: 1.3; margin-bottom: 12px; }
h3 { font-size: 15px; line-height: 1.4; }
small, .small, dt, caption, .label { font-size: 13px; color: var(--muted); }
h2 small { font-weight: 400; margin-left: .4em; }
section { margin-top: 36px; }
p, dd, li { max-width: 78ch; }
a { color: var(--link); }
ol, ul { list-style: none; }
code, pre { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
pre { background: var(--card); border-radius: 6px; padding: 8px 12px; margin-top: 8px; white-space: pre-wrap; }
article pre { background: var(--page); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sign { color: var(--tone); }

.verdict { border-top: 5px solid var(--tone); padding-top: 14px; }
.target { color: var(--muted); margin-bottom: 8px; }
.target strong { color: var(--ink); }
.lead { font-size: 17px; line-height: 1.45; margin-top: 10px; }
.next { margin-top: 14px; padding: 10px 14px; border-radius: 6px; background: var(--card); }
.next a { font-weight: 600; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 270px), 1fr)); gap: 8px 24px; margin-top: 16px; }
.facts dd { font-weight: 500; }

.run { margin-top: 24px; padding: 14px 16px; border-radius: 8px; background: var(--tone-card); border-left: 5px solid var(--tone); }
.run h2 { margin-bottom: 4px; }
.run { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 440px); gap: 8px 28px; align-items: center; }
.run th, .run td { padding-top: 3px; padding-bottom: 3px; }
.run tr:last-child > * { border-bottom: 0; }

table { border-collapse: collapse; width: 100%; font-size: 14px; line-height: 1.4; }
caption { text-align: left; padding-bottom: 6px; }
th, td { padding: 6px 0 6px 12px; text-align: right; vertical-align: top; border-bottom: 1px solid var(--rule); }
th:first-child { padding-left: 0; text-align: left; }
th { font-weight: 500; }
thead th { font-size: 13px; color: var(--muted); vertical-align: bottom; overflow-wrap: normal; }
th small { display: block; font-weight: 400; }
td.text, th:nth-child(2):nth-last-child(3) { text-align: left; }
.run thead th:nth-child(n) { text-align: right; }
td.none { color: var(--muted); }
.parts { display: flex; height: 5px; margin-top: 4px; max-width: 320px; }
.parts i { background: var(--series); }

.finding { background: var(--card); border-left: 5px solid var(--tone); border-radius: 8px; padding: 14px 16px; }
.finding + .finding { margin-top: 14px; }
.finding h3 { font-size: 17px; }
.meta { color: var(--muted); font-size: 14px; margin-top: 2px; }
.meta code { color: var(--ink); background: var(--page); border-radius: 4px; padding: 1px 6px; }
.shares { display: flex; flex-wrap: wrap; gap: 8px 28px; margin: 12px 0; }
.shares div { flex: 0 1 150px; }
.shares dd { font-weight: 600; }
.shares i { display: block; height: 5px; margin-top: 3px; background: linear-gradient(90deg, var(--tone) var(--part), var(--rule) 0); }
.evidence li { display: block; position: relative; padding: 2px 0 2px 26px; }
.evidence b { position: absolute; left: 0; top: 4px; width: 18px; height: 18px; border-radius: 50%; border: 1.5px solid var(--tone); color: var(--tone); font-size: 13px; line-height: 15px; text-align: center; }
.subject { display: flex; flex-wrap: wrap; gap: 6px 28px; margin-top: 12px; padding-top: 12px; border-top: 1px solid var(--rule); }
.label { margin-top: 10px; }
.label + pre { margin-top: 2px; }

.remedies { counter-reset: remedy; }
.remedies li { counter-increment: remedy; position: relative; padding: 0 0 18px 34px; max-width: none; }
.remedies li::before { content: counter(remedy); position: absolute; left: 0; top: -1px; width: 24px; height: 24px; border-radius: 50%; background: var(--card); font-weight: 600; font-size: 13px; line-height: 24px; text-align: center; }
.remedies h3 { font-size: 16px; }
.effect { font-weight: 500; }
.cost { color: var(--muted); }
.tag { font-size: 12px; font-weight: 600; white-space: nowrap; border: 1.5px solid currentColor; border-radius: 99px; padding: 0 8px; margin-left: 4px; color: var(--tone, var(--muted)); }
.tag.now { color: var(--bad); }
.reasons div { padding: 6px 0; border-bottom: 1px solid var(--rule); display: grid; grid-template-columns: minmax(0, 240px) minmax(0, 1fr); gap: 0 20px; }
.reasons dt { font-size: 15px; color: var(--ink); font-weight: 500; }
.reasons dd { color: var(--muted); }
footer { margin-top: 36px; padding-top: 10px; border-top: 1px solid var(--rule); font-size: 13px; color: var(--muted); }

@media (max-width: 640px) {
  body { padding-top: 12px; }
  section { margin-top: 30px; }
  .lead { font-size: 16px; }
  .reasons div, .run { display: block; }
  .run table { margin-top: 8px; }
  .shares { gap: 8px 14px; }
  .shares div { flex: 1 1 80px; }
  th, td { padding-left: 8px; }
  .holders thead th { font-size: 12px; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 13px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section { margin-top: 20px; }
  .charts, .finding, .run, .remedies li, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`
