// The first screen: what fails, why, since when, the three measures, and what to do. Formats; judges nothing.
import type { Advice, Diagnosis, ExactLoad, Plan } from '../../model/index.ts'
import { entry, type Paint, wrap } from './paint.ts'
import { statementLines } from './statements.ts'
import { visibleIn } from './visible.ts'
import { byLoad, duration, engineName, ms, short, time } from './words.ts'

const BAR = 24

export interface ScreenOptions {
  paint: Paint
  columns: number
}

export function screen(
  diagnosis: Diagnosis,
  advised: Plan | undefined,
  { paint: p, columns }: ScreenOptions,
): string {
  const [d, plan] = visibleIn([diagnosis, advised] as const)
  const lines = [
    header(d, p),
    '',
    ...verdict(d, p, columns),
    '',
    `  AAS      ${loadLine(d, p)}`,
    `  Slots    ${slotsLine(d)}`,
    `  Connect  ${connectLine(d, p)}`,
    ...othersLines(d, p, columns),
  ]
  const findings = d.findings
    .slice(1)
    .map(({ cause, kind, title }) => `${cause}${kind ? ` (${kind})` : ''}: ${title}`)
  if (findings.length > 0)
    lines.push('', ...findings.map((text, i) => entry(i === 0 ? 'And' : '', text, columns)))
  const statements = statementLines(d, p, columns)
  if (statements.length > 0) lines.push('', ...statements)
  if (plan) lines.push('', ...remedies(plan, p, columns))
  const excluded = d.ruledOut.map(({ cause, reason }) => [cause, reason] as const)
  if (excluded.length > 0 && d.outcome !== 'healthy') {
    lines.push(
      '',
      ...excluded.map(([cause, reason], i) =>
        p.dim(entry(i === 0 ? 'Ruled out' : '', `${cause}: ${reason}`, columns)),
      ),
    )
  }
  if (d.skipped.length > 0) {
    lines.push(
      ...d.skipped.map(({ check, reason }, i) =>
        p.dim(entry(i === 0 ? 'Not checked' : '', `${check}: ${reason}`, columns)),
      ),
    )
  }
  return lines.join('\n')
}

function header({ target, load, from, to }: Diagnosis, p: Paint): string {
  const cpus = target.vcpus === undefined ? '' : `  ${target.vcpus} vCPU`
  const gaps = load.gaps > 0 ? `, ${load.gaps} missing` : ''
  const what = `${engineName(target.engine)} ${target.engineVersion ?? ''}`.trim()
  return `${p.bold(target.name)}  ${what}${cpus}   ${p.dim(`${Math.round((to - from) / 1000)} s watched${gaps}`)}`
}

function verdict(d: Diagnosis, p: Paint, columns: number): string[] {
  const [first = '', ...rest] = d.verdict
  const mark = d.outcome === 'healthy' ? p.green('✓') : d.outcome === 'diagnosed' ? p.red('✗') : p.yellow('?')
  const since = d.incident
    ? [
        `Since ${time(d.incident.onset)}${d.incident.ongoing ? `, ${duration(d.to - d.incident.onset)} ago` : `, over at ${time(d.incident.to)}`}.`,
      ]
    : []
  return [
    `${mark} ${p.bold(wrap(first, columns, 2))}`,
    ...[...rest, ...since].map(line => `  ${wrap(line, columns, 2)}`),
  ]
}

/** Nothing was seen, which is not the same as seeing none. */
const NOT_SAMPLED = 'not sampled'

function loadLine({ load }: Diagnosis, p: Paint): string {
  if (load.ticks === 0) return NOT_SAMPLED
  const classes = byLoad(load.byWaitClass)
  const colour = (name: string) =>
    name === 'Lock' ? p.red : name === 'CPU' ? p.green : name === 'IO' ? p.blue : p.yellow
  const scale = BAR / Math.max(load.aas, load.vcpus ?? 1)
  const bar = classes.map(([name, value]) => colour(name)('█'.repeat(Math.round(value * scale)))).join('')
  const parts = classes.map(([name, value]) => `${name} ${short(value)}`).join('  ')
  const host = [
    load.vcpus && `${load.vcpus} vCPU`,
    load.cpuPct !== undefined && `host CPU ${Math.round(load.cpuPct)} %`,
    load.exact && exactness(load.exact),
  ]
  const about = host.filter(Boolean).join(', ')
  return [short(load.aas).padEnd(5), bar, parts, about && p.dim(`(${about})`)].filter(Boolean).join('  ')
}

/** Active sessions below which a difference is nothing, whatever share of nothing it is. */
const NOTHING_AAS = 0.05

/** What the samples had to be corrected by, or why they were not. */
const exactness = ({ source, aas, errorPct }: ExactLoad): string =>
  source === 'samples'
    ? `sampled; the server's clock has ${short(aas)}`
    : aas * Math.max(1, 1 + errorPct / 100) < NOTHING_AAS
      ? 'exact'
      : `exact; samples ${Math.abs(errorPct) < 0.5 ? 'agree' : `${errorPct > 0 ? '+' : '−'}${Math.abs(errorPct).toFixed(0)} %`}`

function slotsLine({ slots, load }: Diagnosis): string {
  if (load.ticks === 0) return NOT_SAMPLED
  const reserved = slots.max === undefined || slots.usable === undefined ? 0 : slots.max - slots.usable
  const states = Object.entries(slots.byState).sort((a, b) => b[1] - a[1])
  const ceiling = slots.usable === undefined ? `${slots.used} in use` : `${slots.used}/${slots.usable} usable`
  const left = slots.timeToExhaustion
  const forecast =
    left && left !== 'never' && left.p50 > 0 && left.p50 < 3600
      ? `  full in about ${Math.round(left.p50)} s`
      : ''
  return `${ceiling}${reserved > 0 ? ` (${reserved} reserved)` : ''}  ${states.map(([state, n]) => `${state} ${n}`).join('  ')}${forecast}`
}

function connectLine({ connect }: Diagnosis, p: Paint): string {
  if (connect.attempts === 0) return 'not probed'
  const kinds = Object.entries(connect.byFailure)
    .map(([failure, n]) => `${failure} ×${n}`)
    .join('  ')
  const speed = connect.p50Ms === undefined ? '' : `  median ${ms(connect.p50Ms)}`
  const failed = `${connect.failed} of ${connect.attempts} failed`
  return `${connect.failed > 0 ? p.red(failed) : failed}  ${kinds}${speed}`.trimEnd()
}

/** What other clients met, and what the log and the pooler said of it. */
function othersLines({ others, events = [] }: Diagnosis, p: Paint, columns: number): string[] {
  const kinds = others ? Object.entries(others.byFailure).map(([failure, n]) => `${failure} ×${n}`) : []
  const sources = others ? Object.keys(others.bySource).join(', ') : ''
  return [
    ...(others
      ? [`  Others   ${p.red(`${others.failed} failed`)}  ${kinds.join('  ')}  ${p.dim(`(${sources})`)}`]
      : []),
    ...events.map(
      ({ t, source, message }, i) =>
        `  ${(i === 0 ? 'Events' : '').padEnd(9)}${wrap(`${time(t)}  ${source}: ${message}`, columns, 11)}`,
    ),
  ]
}

function remedies({ advice, notAdvised }: Plan, p: Paint, columns: number): string[] {
  const numbered = advice.map((item, i) => ({ item, n: i + 1 }))
  const show = (label: string, horizon: Advice['horizon']) =>
    numbered
      .filter(({ item }) => item.horizon === horizon)
      .flatMap(({ item, n }, i) => [
        p.bold((i === 0 ? label : '').padEnd(15)) + wrap(`#${n} ${item.title}`, columns, 15),
        ' '.repeat(18) + p.dim(wrap(item.effect.summary, columns, 18)),
      ])
  return [
    ...show('Fix now', 'now'),
    ...show('Fix for good', 'for-good'),
    ...notAdvised.map(({ title, reason }, i) =>
      entry(i === 0 ? 'Not advised' : '', `${title}: ${reason}`, columns),
    ),
  ]
}
