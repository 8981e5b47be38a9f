// Ends the one session at the root: its transaction is rolled back, and everybody behind it goes on.
import { blocking } from '../../load/index.ts'
import type { Cause, IdleGroup, SessionSample, Tick, WaitClass } from '../../model/index.ts'
import { dialectOf } from '../dialect.ts'
import { predict } from '../predict.ts'
import { plural, type Remedy, type Weighed } from '../remedy.ts'
import { behindIn, meanOf, othersTake, type Situation, slotsGivenBack, waitingBehind } from '../situation.ts'
import { sessionStep } from '../step.ts'

export const endSession: Remedy = {
  code: 'end-session',
  answers: [
    'idle-in-transaction',
    'lock-contention',
    'connection-leak',
    'backup',
    'bulk-load',
    'flush-stall',
  ],
  risk: 'medium',
  outage: 'session',
  permissions: {
    iam: [],
    grants: ['pg_signal_backend (PostgreSQL)', 'CONNECTION_ADMIN (MySQL), CONNECTION ADMIN (MariaDB)'],
  },
  verify: 'the session is gone, those behind it go on, connection attempts succeed',
  weigh(s) {
    // Once it is over there is nobody left to end, and the id may be another's by now.
    if (s.diagnosis.incident && !s.diagnosis.incident.ongoing) return undefined
    if (s.finding.cause === 'connection-leak') return endLeaked(s)
    if (JOBS.includes(s.finding.cause)) return endJob(s)
    const victim = chooseVictim(s)
    if (!victim) return undefined
    const against = reasonAgainst(s, victim)
    if (against !== undefined) return { title: `end session ${victim.id}`, reason: against }
    const freed = waitingBehind(s, victim.id)
    const likely = slotsGivenBack(s, freed.last, 1)
    const who = victim.application || victim.user || 'unknown'
    const step = sessionStep('end-session', victim)
    return {
      horizon: 'now',
      title: `end session ${victim.id} (${who})`,
      effect: predict(
        s,
        {
          relieves: tick => {
            const behind = behindIn(tick, victim.id)
            return ({ id }) => id === victim.id || behind.has(id)
          },
          restores: true,
          slots: { certain: 1, likely },
          endsGrowth: freed.last.size > 0 && !othersTake(s),
        },
        `frees ${plural(freed.last.size, 'session')} and ${plural(Math.round(likely), 'slot')}${likely > 1 ? ' as the pools let go of what they no longer use' : ''}`,
      ),
      cost:
        victim.waitClass === 'Lock'
          ? 'its statement has to be run again; it has changed nothing yet'
          : 'its transaction is rolled back, and its client sees a lost connection',
      reversible: false,
      action: step.what,
      steps: [step],
      commands: [dialectOf(s.evidence.target.engine).endSession(victim.id)],
      subject: { session: victim },
    }
  },
}

/** Idle for longer than a working pool lets its own be, seconds: by what was seen in peace, between these. */
const LEFT_ALONE_S = { least: 10, most: 60 }
const MARGIN = 1.5

/** Idle sessions are counted, not named: a person ends them, and looks before. */
function endLeaked(s: Situation): Weighed | undefined {
  const { user, application } = s.finding.subject ?? {}
  if (user === undefined) return undefined
  const own = (tick: Tick): IdleGroup[] =>
    (tick.idle ?? []).filter(
      group => group.user === user && (group.application ?? '') === (application ?? ''),
    )
  const usualS = Math.max(0, ...s.before.flatMap(own).map(group => group.oldestStateAgeMs / 1000))
  const { least, most } = LEFT_ALONE_S
  const seconds = s.before.length === 0 ? most : Math.ceil(Math.min(most, Math.max(least, MARGIN * usualS)))
  // Of a group only the age of its oldest is known, and how many were left alone from the start.
  const leaked = meanOf(s.now, tick =>
    own(tick)
      .filter(group => group.oldestStateAgeMs > 1000 * seconds)
      .reduce((sum, { count, unusedCount = count }) => sum + unusedCount, 0),
  )
  if (leaked < 1) return undefined
  return {
    horizon: 'now',
    title: `end the idle sessions of ${application || user}`,
    effect: predict(
      s,
      { slots: { certain: 0, likely: leaked } },
      `gives back up to ${plural(Math.round(leaked), 'slot')}, until the leak has taken them again`,
    ),
    cost: 'whoever still means to use one of them sees a lost connection',
    reversible: false,
    steps: [],
    commands: [dialectOf(s.evidence.target.engine).endIdle(user, seconds)],
  }
}

/** So many heads one after the other are no single session's doing, in that time, milliseconds. */
const HEADS = 4
const OF_LATE_MS = 10_000

/** Why the next one would only take its place. */
function reasonAgainst(s: Situation, victim: SessionSample): string | undefined {
  if (victim.waitClass === 'Commit')
    return 'would not help: it waits for its own commit, and whoever comes after it waits for the same'
  const last = s.now.at(-1)
  const { incident } = s.diagnosis
  if (!last || !incident) return undefined
  // The head of a tree that waits itself is one of a circle; a DDL statement waits, and holds everybody up all the same.
  const isQueue = s.finding.kind === 'ddl-queue'
  if (victim.waitClass === 'Lock' && !isQueue && behindIn(last, victim.id).size > 0)
    return 'would not help: they wait for each other in circles, of which the server ends one after the other by itself, and new ones come'
  const heads = s.evidence.ticks
    .filter(({ t, sessions }) => sessions && t > last.t - OF_LATE_MS && t >= incident.from && t <= last.t)
    .flatMap(tick => blocking(tick).heads[0]?.session.id ?? [])
  const different = new Set(heads).size
  const own = heads.filter(id => id === victim.id).length
  if (different < HEADS || own > heads.length / 2) return undefined
  return `would not help: ${different} sessions were at the head of the queue within ${OF_LATE_MS / 1000} s, one after the other; the next takes its place`
}

/** The head of the tree; for a DDL queue the waiting DDL, which holds everybody up and has done nothing yet. */
function chooseVictim({ finding, now }: Situation): SessionSample | undefined {
  const head = finding.subject?.session
  const last = now.at(-1)
  if (!head || !last) return undefined
  const inTree = (id: string) => blocking(last).placeOf.get(id)?.head === head.id
  const ddl =
    finding.kind === 'ddl-queue' && last.sessions?.find(({ id, lock }) => lock?.exclusive && inTree(id))
  return ddl || last.sessions?.find(({ id }) => id === head.id)
}

/** Causes that are somebody's job, which can be done at another time. */
const JOBS: readonly Cause[] = ['backup', 'bulk-load', 'flush-stall']
/** What waits while somebody has everything written back, or keeps the volume busy. */
const BEHIND: readonly WaitClass[] = ['IO', 'Commit', 'Lock']

/** All sessions of it, whatever each does at the moment: its statements come and go. A person looks before. */
function endJob(s: Situation): Weighed | undefined {
  const { user, application } = s.finding.subject ?? {}
  if (user === undefined && application === undefined) return undefined
  const isOf = (one: { user?: string; application?: string }) =>
    (application === undefined || one.application === application) &&
    (user === undefined || one.user === user)
  const running = meanOf(s.now, ({ sessions = [] }) => sessions.filter(isOf).length)
  if (running === 0) return undefined
  const stalls = s.finding.cause === 'flush-stall'
  const isRelieved = (one: SessionSample) =>
    isOf(one) || (stalls && one.waitClass !== undefined && BEHIND.includes(one.waitClass))
  return {
    horizon: 'now',
    title: `end the sessions of ${application || user}`,
    effect: predict(
      s,
      {
        relieves: () => isRelieved,
        restores: true,
        slots: { certain: 0, likely: Math.round(running) },
        endsGrowth: true,
      },
      `takes the load of ${plural(Math.max(1, Math.round(running)), 'session')} away${stalls ? ', and what waits behind it' : ''}, if it does not begin again; it can be done when there is less to do`,
    ),
    cost: 'its work so far is lost, and it has to be done at another time; of a backup see that another one comes',
    reversible: false,
    steps: [],
    commands: [dialectOf(s.evidence.target.engine).endJob({ user, application })],
  }
}
