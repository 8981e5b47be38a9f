// The plan for people: what comes of it, what it costs, what is not advised, and the answers to what was asked.
import type { Advice, Diagnosis, Effect, Headroom, Plan, Price, Shift, WhatIf } from '../../model/index.ts'
import { entry, type Paint, wrap } from './paint.ts'
import type { ScreenOptions } from './screen.ts'
import { visibleIn } from './visible.ts'
import { byLoad, duration, short } from './words.ts'

const INDENT = 5

export function planScreen(diagnosis: Diagnosis, made: Plan, { paint: p, columns }: ScreenOptions): string {
  const [d, plan] = visibleIn([diagnosis, made] as const)
  const lines = [`${p.bold(d.target.name)}  ${d.verdict[0] ?? ''}`.trimEnd()]
  if (plan.otherwise) lines.push('', p.bold('If nothing is done'), ...effectLines(plan.otherwise, columns))
  if (plan.whatIf) lines.push('', ...whatIfLines(plan.whatIf, p, columns))
  if (plan.headroom) lines.push('', ...headroomLines(plan.headroom, p, columns))
  const none = plan.advice.length === 0 ? ['', 'Nothing is advised.'] : []
  lines.push(...none, ...plan.advice.flatMap((advice, i) => ['', ...adviceLines(advice, i + 1, p, columns)]))
  if (plan.notAdvised.length > 0)
    lines.push(
      '',
      ...plan.notAdvised.map(({ title, reason }, i) =>
        entry(i === 0 ? 'Not advised' : '', `${title}: ${reason}`, columns),
      ),
    )
  if (d.skipped.length > 0)
    lines.push(
      ...d.skipped.map(({ check, reason }, i) =>
        p.dim(entry(i === 0 ? 'Not checked' : '', `${check}: ${reason}`, columns)),
      ),
    )
  return lines.join('\n')
}

function adviceLines(advice: Advice, n: number, p: Paint, columns: number): string[] {
  const {
    title,
    horizon,
    effect,
    cost,
    risk,
    outage,
    reversible,
    price,
    commands,
    budget,
    steps = [],
  } = advice
  const facts = [
    outage === undefined || outage === 'none' ? 'no outage' : OUTAGES[outage],
    risk && `risk ${risk}`,
    reversible ? 'can be taken back' : 'cannot be taken back',
    price && priceText(price),
    steps.length > 0 ? 'Spillway can do it' : 'for a person to do',
  ]
  return [
    p.bold(
      `#${n}`.padEnd(INDENT) + wrap(`${title}  (${horizon === 'now' ? 'now' : 'for good'})`, columns, INDENT),
    ),
    ...(effect.summary ? [text(effect.summary, columns)] : []),
    ...effectLines(effect, columns),
    p.dim(text(facts.filter(Boolean).join(' · '), columns)),
    p.dim(text(`costs: ${cost}`, columns)),
    ...(budget
      ? budget.pools.map(({ application, user, host, held, busy, peak, size }) =>
          text(
            `${(application || user).padEnd(16)} ${host.padEnd(15)} ${held} held, ${short(busy)} busy, ${peak} at most → ${size}`,
            columns,
          ),
        )
      : commands.map(command => p.dim(' '.repeat(INDENT) + command))),
    ...(budget
      ? [text(`${'spare'.padEnd(32)} ${budget.spare} of ${budget.usable} usable slots`, columns)]
      : []),
  ]
}

const OUTAGES = {
  session: 'ends one session',
  restart: 'a restart',
  minutes: 'an outage of minutes',
} as const

const text = (line: string, columns: number): string => ' '.repeat(INDENT) + wrap(line, columns, INDENT)

function effectLines(effect: Effect, columns: number): string[] {
  const { aas, slots, failures, usable, byWaitClass = {}, timeToExhaustion: left } = effect
  const classes = byLoad(byWaitClass).map(([name, value]) => `${name} ${short(value)}`)
  const parts = [
    `AAS ${shift(aas, short)}${classes.length > 0 ? ` (${classes.join(', ')})` : ''}`,
    `slots ${shift(slots, whole)}${usable === undefined ? '' : ` of ${usable}`}`,
    failures && `failures ${shift(failures, share => `${Math.round(100 * share)} %`)}`,
    left !== undefined && exhaustion(left),
  ]
  return [text(parts.filter(Boolean).join(' · '), columns)]
}

const whole = (value: number): string => value.toFixed(0)

function shift({ before, after, low, high }: Shift, say: (value: number) => string): string {
  const bounds = low === undefined || high === undefined ? '' : ` [${say(low)}–${say(high)}]`
  return `${say(before)} → ${say(after)}${bounds}`
}

function exhaustion(left: NonNullable<Effect['timeToExhaustion']>): string {
  if (left === 'never') return 'slots last'
  return left.p50 <= 0
    ? 'no slot is left'
    : `full in ${duration(1000 * left.p50)} [${duration(1000 * left.p10)}–${duration(1000 * left.p90)}]`
}

export function priceText({ usd, region, asOf, note }: Price): string {
  if (usd === undefined) return `price unknown${note ? ` (${note})` : ''}`
  if (usd === 0) return 'no cost'
  const list = [region, asOf, note].filter(Boolean).join(', ')
  return `${usd > 0 ? '+' : '−'}$${Math.abs(usd).toFixed(2)} a month${list ? ` (${list})` : ''}`
}

function whatIfLines(
  { settings, effect, price, outage, notes }: WhatIf,
  p: Paint,
  columns: number,
): string[] {
  const asked = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const facts = [outage === 'none' ? 'no outage' : OUTAGES[outage], priceText(price)]
  return [
    p.bold(`What if ${asked.join(', ')}`),
    ...effectLines(effect, columns),
    text(effect.connectsRecover ? 'connections succeed' : 'connections fail', columns),
    p.dim(text(facts.join(' · '), columns)),
    ...notes.map(note => p.dim(text(note, columns))),
  ]
}

const LIMITS = { slots: 'slots', cpu: 'CPU', io: 'storage', locks: 'locks', role: 'a role’s limit' } as const

function headroomLines(headroom: Headroom, p: Paint, columns: number): string[] {
  const { asked, factor, low, high, searched, aas, requestsPerS, limit, notes } = headroom
  const at = [
    aas !== undefined && `AAS ${short(aas)}`,
    requestsPerS !== undefined && `${requestsPerS.toFixed(0)} transactions a second`,
    limit && `what runs out: ${LIMITS[limit]}`,
  ]
  const bounds = low === undefined || high === undefined ? '' : ` [${low.toFixed(1)}–${high.toFixed(1)}]`
  const breaks =
    factor === undefined
      ? `connections do not fail up to ${searched} times the requests of now`
      : factor <= 1
        ? `it breaks at the load of now already${at.some(Boolean) ? ` (${at.filter(Boolean).join(', ')})` : ''}`
        : `connections begin to fail at ${factor.toFixed(1)} times the requests${bounds}: ${at.filter(Boolean).join(', ')}`
  return [
    p.bold('Headroom'),
    text(breaks, columns),
    ...(asked
      ? [
          text(
            `with ×${asked.factor}: ${asked.effect.connectsRecover ? 'connections succeed' : 'connections fail'}`,
            columns,
          ),
          ...effectLines(asked.effect, columns),
        ]
      : []),
    ...notes.map(note => p.dim(text(note, columns))),
  ]
}
