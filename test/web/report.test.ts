// The report as a document: well formed, self-contained, without script, and safe against hostile names.
import { describe, expect, it } from 'vitest'
import { type ReportInput, renderReport } from '../../src/face/report/index.ts'
import { incident } from './report.sample.ts'

const HOSTILE = `</style><script>alert(1)</script><img src=x onerror='a()' alt="\u0000\u001b[2J\u202e`
const SHAPES: [string, ReportInput][] = [
  ['an incident with everything', incident()],
  ['an incident without a plan, a run, facts', bare(incident())],
  ['a healthy target', healthy()],
  ['probes only', probesOnly()],
  ['one tick', incident(1)],
  ['gaps only', gapsOnly()],
  ['nothing at all', { ...probesOnly(), timeline: { ...probesOnly().timeline, probes: [] } }],
  ['an hour of ticks', incident(3600)],
]

describe.each(SHAPES)('a report of %s', (_, input) => {
  const page = renderReport(input)

  it('is well formed', () => expect(unbalanced(page)).toEqual([]))

  it('loads nothing and runs nothing, and says so to the browser', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/script-src|img-src|https?:|\*/)
    expect(page).not.toMatch(
      /<(script|img|iframe|object|embed|link|base|form)\b|\son\w+=|\ssrc=|@import|https?:/i,
    )
    expect(links(page).filter(link => !link.startsWith('#'))).toEqual([])
  })

  it('has one h1, no id twice, and no link to nowhere', () => {
    const ids = matches(page, /\sid="([^"]*)"/g)
    expect(matches(page, /<(h1)\b/g)).toHaveLength(1)
    expect(new Set(ids).size).toBe(ids.length)
    expect(links(page).filter(link => !ids.includes(link.slice(1)))).toEqual([])
  })

  it('shows no value that is none', () => {
    expect(page.replace(/<style>.*<\/style>/s, '')).not.toMatch(/NaN|undefined|Infinity|\[object|null/)
  })

  it('is the same every time and stays small', () => {
    expect(renderReport(input)).toBe(page)
    expect(Buffer.byteLength(page)).toBeLessThan(1_500_000)
  })
})

describe('a report of hostile evidence', () => {
  const page = renderReport(poison(incident()))

  it('holds no markup but its own', () => {
    expect(page).not.toMatch(/<script|<img|onerror='/)
    expect(page).toContain('&lt;script&gt;')
    expect(matches(page, /<\/(style)>/g)).toHaveLength(1)
    expect(unbalanced(page)).toEqual([])
  })

  it('holds no control character and nothing that turns text around', () => {
    expect(page.replace(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
  })
})

it('draws every failed attempt as a mark and every one that succeeded as a dot', () => {
  const input = incident()
  const [charts = ''] = /<section aria-labelledby="charts">.*?<\/section>/s.exec(renderReport(input)) ?? []
  const drawn = (id: string) => matches(charts, new RegExp(`href="#(${id})" x="[\\d.]+%"`, 'g')).length
  expect(drawn('fail0')).toBe(input.timeline.probes.filter(probe => !probe.ok).length)
  expect(drawn('success')).toBe(input.timeline.probes.filter(probe => probe.ok).length)
})

function bare({ diagnosis, timeline }: Required<ReportInput>): ReportInput {
  return { diagnosis, timeline }
}

function healthy(): ReportInput {
  const { diagnosis, timeline } = incident(9)
  const { incident: _, ...rest } = diagnosis
  const connect = { attempts: 9, failed: 0, byFailure: {} }
  return {
    diagnosis: {
      ...rest,
      connect,
      outcome: 'healthy',
      findings: [],
      blocking: [],
      ruledOut: [],
      skipped: [],
      verdict: [],
    },
    timeline: { ...timeline, probes: timeline.probes.filter(probe => probe.ok), marks: [] },
  }
}

function probesOnly(): ReportInput {
  const { diagnosis, timeline } = incident()
  const load = { aas: 0, byWaitClass: {}, ticks: 0, gaps: 0 }
  const slots = { used: 0, peak: 0, clamped: false, byState: {} }
  return {
    diagnosis: {
      ...diagnosis,
      outcome: 'insufficient-data',
      load,
      slots,
      findings: [],
      blocking: [],
      holders: [],
    },
    timeline: {
      from: timeline.from,
      to: timeline.to,
      tickMs: 1000,
      t: [],
      aas: [],
      slots: [],
      probes: timeline.probes,
      marks: [],
    },
  }
}

function gapsOnly(): ReportInput {
  const { timeline, ...rest } = incident()
  const empty = <S extends { values: (number | null)[] }>(series: S[]): S[] =>
    series.map(s => ({ ...s, values: s.values.map(() => null) }))
  return { ...rest, timeline: { ...timeline, aas: empty(timeline.aas), slots: empty(timeline.slots) } }
}

/** Puts the hostile text behind every text of the input, whatever the type says it can be. */
function poison<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, inner) =>
    typeof inner === 'string' ? inner + HOSTILE : inner,
  )
}

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(match => match[1] ?? '')

const links = (page: string): string[] => [
  ...matches(page, /\shref="([^"]*)"/g),
  ...matches(page, /url\(([^)]*)\)/g),
]

const VOID = new Set(['meta', '!doctype'])

/** Tags that are not closed, or closed out of order; text that holds a bare angle bracket. */
function unbalanced(page: string): string[] {
  const wrong: string[] = []
  const open: string[] = []
  const body = page.replace(/<style>.*?<\/style>/s, '')
  for (const [, close, name = '', self] of body.matchAll(
    /<(\/?)([!\w]+)(?:\s+[\w:-]+(?:="[^"<>]*")?)*\s*(\/?)>/g,
  )) {
    if (self || VOID.has(name.toLowerCase())) continue
    if (!close) open.push(name)
    else if (open.pop() !== name) wrong.push(name)
  }
  const text = body.replace(/<(\/?)([!\w]+)(?:\s+[\w:-]+(?:="[^"<>]*")?)*\s*(\/?)>/g, '')
  return [...wrong, ...open, ...(text.match(/[<>]/g) ?? [])]
}
