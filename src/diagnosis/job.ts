// Sessions that came to do one thing to whole tables: dump them, load them. Everybody else shares the machine with them.
import type { SessionSample, Subject } from '../model/index.ts'
import type { Case } from './case.ts'
import type { Found } from './rule.ts'
import { round1 } from './say.ts'
import { type Shape, shapeOf } from './shape.ts'
import { speaksFor } from './weigh.ts'
import { hasGrown, usage, usageKey, work } from './work.ts'

/** Share of the load's growth that the job itself has to be. */
const MAIN_MATTER = 0.4

export interface Job {
  before: number
  during: number
  /** Its share of the growth of the load, locks aside. */
  share: number
  subject: Subject
  is(session: SessionSample): boolean
}

/** Undefined where no more sessions do such a thing than before, or they are a side matter. */
export function jobOf(c: Case, shapes: readonly Shape[]): Job | undefined {
  const w = work(c)
  // What follows looks at every session.
  if (!hasGrown(w)) return undefined
  const own = [...usage(c)].filter(([, { statement }]) => shapes.includes(shapeOf(statement) as Shape))
  const [before, during] = (['before', 'during'] as const).map(side =>
    own.reduce((sum, [, one]) => sum + one[side], 0),
  ) as [number, number]
  const share = (during - before) / Math.max(w.aas - w.aasBefore, 1e-9)
  if (!hasGrown({ aas: during, aasBefore: before }) || share < MAIN_MATTER) return undefined
  const keys = new Set<string | undefined>(own.map(([key]) => key))
  const is = (session: SessionSample) => keys.has(usageKey(session))
  return { before, during, share: Math.min(1, share), subject: subjectOf(c, is), is }
}

/** Whose sessions most of them are. */
function subjectOf(c: Case, is: Job['is']): Subject {
  const counts = new Map<string, { n: number; who: Subject }>()
  for (const session of c.during.flatMap(tick => tick.sessions?.filter(is) ?? [])) {
    const { user, application, statementId, statement } = session
    const who = { user, application, statementId, statement }
    const known = counts.get(`${user} ${application}`)
    counts.set(`${user} ${application}`, { n: (known?.n ?? 0) + 1, who: known?.who ?? defined(who) })
  }
  return [...counts.values()].sort((a, b) => b.n - a.n)[0]?.who ?? {}
}

const defined = (of: Record<string, string | undefined>): Subject =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined))

/** What every such finding has in common. `does`: what the sessions do, for people. */
export function jobFinding(
  c: Case,
  job: Job,
  does: string,
): Omit<Found, 'title' | 'confidence' | 'remedies'> {
  const { application, user } = job.subject
  const who = application ?? user ?? 'somebody'
  return {
    onset: c.incident.from,
    because: `${round1(job.during)} sessions of ${who} ${does}, and all others share the machine with them`,
    evidence: [speaksFor(`such sessions at work: ${round1(job.before)} → ${round1(job.during)} on average`)],
    subject: job.subject,
    gone: tick => ({ sessions: tick.sessions?.filter(job.is).slice(Math.ceil(job.before)) ?? [] }),
  }
}
