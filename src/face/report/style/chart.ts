// The charts: plots stretch with the page, text and line widths do not. Marks run over all plots, below all words.

export const CHART_STYLE = `
.charts { --gutter: 54px; --lane: 22px; position: relative; padding-top: calc(var(--lanes) * var(--lane)); }
.panel + .panel { margin-top: 14px; }
.panel figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; padding: 4px 0 6px; }
.panel h3, .value, .legend li { position: relative; z-index: 2; background: var(--page); }
.value { font-size: 14px; color: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: 0 14px; font-size: 13px; color: var(--muted); width: 100%; }
.legend li { display: flex; align-items: center; gap: 5px; }
.swatch { width: 11px; height: 11px; border-radius: 2px; background: var(--series); }
.dash { width: 18px; border-top: 2px dashed var(--ink); }
.dash.max { border-top-style: solid; border-color: var(--muted); }
.plot { position: relative; margin-left: var(--gutter); }
.plot > svg { display: block; border-bottom: 1px solid var(--muted); }
.labels span { position: absolute; right: 100%; transform: translateY(-50%); padding-right: 6px; font-size: 12px; line-height: 1; color: var(--muted); white-space: nowrap; }
.empty { position: absolute; left: 50%; top: 50%; transform: translate(-50%, -50%); background: var(--page); padding: 2px 8px; white-space: nowrap; color: var(--muted); }
.grid line { stroke: var(--grid); }
path { fill: var(--series); }
rect.gap { fill: url(#gap); }
#gap path { stroke: var(--gap); stroke-width: 4; }
.swatch.gap { border: 1px solid var(--muted); background: repeating-linear-gradient(45deg, var(--gap) 0 2px, transparent 2px 5px); }
.hit, .strip { fill: transparent; }
.strip { fill: var(--bad); fill-opacity: .09; }
/* Attempts stand above the lines of the marks: the first failure lies exactly on one. */
.panel:last-of-type .plot { z-index: 2; }
.hit:hover { fill: var(--ink); fill-opacity: .12; }
.limit { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 6 4; }
.limit.max { stroke: var(--muted); stroke-dasharray: none; }
.success { fill: var(--success); }
.failure { fill: var(--bad); stroke: var(--bad); stroke-width: 1; }
.failure-0 { fill: none; stroke-width: 2.2; }
.failure-3 { fill: none; stroke-width: 1.8; }
.key { overflow: visible; }

.axis { position: relative; height: 22px; margin-left: var(--gutter); font-size: 12px; color: var(--muted); }
.axis span { position: absolute; top: 4px; transform: translateX(-50%); white-space: nowrap; }

.marks { position: absolute; inset: 0 0 22px var(--gutter); z-index: 1; pointer-events: none; }
.mark { position: absolute; left: var(--x); top: calc((var(--lanes) - 1 - var(--wide)) * var(--lane)); bottom: 0; margin-left: -1px; border-left: 1.5px solid var(--ink); box-shadow: 0 0 0 1px var(--page); }
.mark span { position: absolute; left: -2px; top: 0; display: flex; align-items: center; gap: 5px; padding-right: 4px; background: var(--page); font-size: 12px; line-height: 18px; white-space: nowrap; }
.mark span.flip { left: auto; right: 0; flex-direction: row-reverse; padding: 0 0 0 4px; }
.mark em { font-style: normal; }
.mark b, .moments b { background: var(--tone); color: var(--page); font-size: 11px; line-height: 18px; min-width: 18px; text-align: center; border-radius: 2px; padding: 0 3px; }
.moments { display: flex; flex-wrap: wrap; gap: 4px 22px; margin-top: 6px; font-size: 14px; }
.moments b { display: inline-block; margin-right: 3px; }
.moments time { color: var(--muted); }

@media (max-width: 720px) {
  .charts { --gutter: 46px; --lane: 20px; padding-top: calc(var(--lanes-narrow) * var(--lane)); }
  .mark { top: calc((var(--lanes-narrow) - 1 - var(--narrow)) * var(--lane)); }
  .mark em, .axis .minor { display: none; }
  .mark span, .mark span.flip { left: -2px; right: auto; padding: 0; }
  .mark span.flip-narrow { left: auto; right: 0; }
  .moments { display: block; }
  .moments li { padding: 2px 0; }
}
`
