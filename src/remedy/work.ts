// The load after a change, class by class: queues before CPU and storage, and what comes with the requests.
import { load, mean, offeredLoad, sessionsAt } from '../load/index.ts'
import { type ByWaitClass, type Tick, WAIT_CLASSES } from '../model/index.ts'
import type { Change } from './change.ts'
import type { Scene } from './situation.ts'

/** Utilisation from which a resource is full, as sessions that wait for it show. */
const FULL = 0.95
/** A queue that long, of sessions for each vCPU, which grows is one of more work than can be done. */
const LONG = 3

/** Of a queue that is full the work behind it is not known: `low` takes the least that explains it, `high` the most. */
type Guess = 'low' | 'middle' | 'high'

export interface After {
  classes: ByWaitClass
  saturated: boolean
  /** Share of the requests that cannot be done at all. */
  unserved: number
}

/** `start`: by wait class, with what the change relieves already away. */
export function loadAfter(s: Scene, change: Change, start: ByWaitClass, guess: Guess): After {
  const { requests = 1, away = 0 } = change
  const factor = requests * (1 - away)
  const classes: ByWaitClass = {}
  for (const name of WAIT_CLASSES) {
    const value = start[name] ?? 0
    // Waiters come with the requests, and each waits as long as those before it: with the square.
    if (value > 0) classes[name] = value * (name === 'Lock' ? requests ** 2 : requests)
  }
  const cpu = cpuAfter(s, start.CPU ?? 0, change.vcpus, factor, guess)
  const io = storageAfter(start.IO ?? 0, change.storage ?? 1, factor)
  const commit = storageAfter(start.Commit ?? 0, change.storage ?? 1, factor)
  if (start.CPU) classes.CPU = cpu.sessions
  if (start.IO) classes.IO = io.sessions
  if (start.Commit && change.storage) classes.Commit = commit.sessions
  return {
    classes,
    saturated: (cpu.saturated && !isBesideStorage(change, start)) || io.saturated,
    unserved: Math.max(cpu.unserved, io.unserved),
  }
}

/** CPU in use by this share of those who wait for storage is what their reads cost, and no queue of its own. */
const BESIDE = 1 / 3

const isBesideStorage = (
  { storage = 1 }: Change,
  { CPU: cpu = 0, IO: io = 0, Commit: commit = 0 }: ByWaitClass,
) => storage > 1 && cpu < BESIDE * (io + commit)

/**
 * What remains of the queues before CPU and storage when others have left them: of a queue every class of work has the share
 * of its work (processor sharing), so that those who stay offer their share of what is done.
 */
export function aloneInQueues(s: Scene, left: ByWaitClass, all: ByWaitClass): ByWaitClass {
  const { vcpus } = s.evidence.target
  const found = { ...left }
  const share = (name: 'CPU' | 'IO') => (left[name] ?? 0) / (all[name] ?? 1)
  const hasLeft = (name: 'CPU' | 'IO') => (left[name] ?? 0) > 0 && (left[name] ?? 0) < (all[name] ?? 0)
  if (vcpus !== undefined && left.CPU && all.CPU && hasLeft('CPU')) {
    const done = Math.min(vcpus, offeredLoad(all.CPU, vcpus))
    found.CPU = Math.min(left.CPU, sessionsAt(done * share('CPU'), vcpus))
  }
  if (left.IO && all.IO && hasLeft('IO')) {
    const use = (all.IO / (1 + all.IO)) * share('IO')
    found.IO = Math.min(left.IO, use / (1 - use))
  }
  return found
}

interface Queue {
  sessions: number
  saturated: boolean
  unserved: number
}

function cpuAfter(s: Scene, now: number, vcpus: number | undefined, factor: number, guess: Guess): Queue {
  const current = s.evidence.target.vcpus
  if (current === undefined || now <= 0) return idleQueue(now * factor)
  if (vcpus === undefined && factor === 1)
    return { ...idleQueue(now), saturated: now > 1.5 * current && s.diagnosis.incident !== undefined }
  const offered = workOffered(s, now, current, guess) * factor
  return queueOf(offered, vcpus ?? current, now * factor)
}

const idleQueue = (sessions: number): Queue => ({ sessions, saturated: false, unserved: 0 })

/** Beyond FULL the queue only ends where the slots or the pools do: the sessions there are stay. */
const queueOf = (offered: number, servers: number, sessions: number): Queue =>
  offered >= FULL * servers
    ? { sessions: Math.max(sessions, servers), saturated: true, unserved: Math.max(0, 1 - servers / offered) }
    : idleQueue(sessionsAt(offered, servers))

/** Work that wants CPU now, in vCPUs; undefined where they are not known. */
export function offeredWork(s: Scene): number | undefined {
  const { vcpus } = s.evidence.target
  return vcpus === undefined ? undefined : workOffered(s, load(s.now).byWaitClass.CPU ?? 0, vcpus, 'middle')
}

/** Share of it that cannot be done, 0 where the CPU is not full. */
export function notDone(s: Scene): number {
  const { vcpus } = s.evidence.target
  const offered = offeredWork(s)
  return vcpus === undefined || offered === undefined || offered <= vcpus ? 0 : 1 - vcpus / offered
}

/**
 * Work offered to the CPU, in vCPUs. Below saturation the inverse of Erlang; above it what is done (all vCPUs), and what
 * the queue grew by every second times the seconds of work each request needs. Where that was not seen: the harmonic
 * mean of the bounds, at most twice of what is done, since a queue of any length comes of a small overload and time.
 */
function workOffered(s: Scene, sessions: number, vcpus: number, guess: Guess): number {
  const below = offeredLoad(sessions, vcpus)
  // A queue that ends where the slots end says nothing of what stands before them.
  const isCut = s.usable !== undefined && s.slots >= s.usable
  // One that grows is longer every second than the work behind it would keep it.
  const grows = s.diagnosis.incident?.ongoing === true && (s.growthPerS ?? 0) > 0 && sessions > LONG * vcpus
  if (below < FULL * vcpus && !isCut) return grows ? vcpus : below
  if (guess === 'low') return vcpus
  const most = Math.max(vcpus, sessions)
  if (guess === 'high') return most
  const growth = (s.growthPerS ?? 0) * workOfEach(s, vcpus)
  return growth > 0 ? Math.min(most, vcpus + growth) : (2 * vcpus * most) / (vcpus + most)
}

/** Where more is done than in peace, that is what has to be done every second anew, and it is not as cheap as all the rest. */
const MORE = 1.1

/** Seconds of CPU that one of the requests takes which come too many; 0 where nobody counts them. */
function workOfEach(s: Scene, vcpus: number): number {
  const [usual, done] = [rateOf(s.before), rateOf(s.now)]
  if (!done) return 0
  if (usual === undefined || done < MORE * usual) return vcpus / done
  const usualWork = offeredLoad(load(s.before).byWaitClass.CPU ?? 0, vcpus)
  return Math.max(0, vcpus - usualWork) / (done - usual)
}

/** Transactions a second; undefined where they are not counted. */
export function rateOf(ticks: readonly Tick[]): number | undefined {
  const rates = ticks.flatMap(({ signals: { commits_per_s: commits, rollbacks_per_s: back = 0 } }) =>
    commits === undefined ? [] : commits + back,
  )
  return rates.length > 0 ? mean(rates) : undefined
}

/** One queue before a device: ρ = N ÷ (1 + N) in it, M/M/1, on a device that can do so many times more. */
function storageAfter(now: number, capacity: number, factor: number): Queue {
  if (capacity === 1 || now <= 0) return idleQueue(now * factor)
  const use = (now / (1 + now)) * (factor / capacity)
  if (use >= 1) return { sessions: now * factor, saturated: true, unserved: 1 - 1 / use }
  return idleQueue(use / (1 - use))
}
