// Who is connected: read in full only when the number of sessions moved or the memory has grown old. In between a sample
// reads the active ones, and everybody else idles since he was last seen at work.
import type { RawSession } from './sample.ts'

/** How many are connected and how many ever logged in, by the server's count for each user. */
export interface Totals {
  present: number
  ever: number
}

/** The columns of an active session that every sample reads anew; the name of the database only where it is cheap. */
export type Active = Pick<RawSession, 'id' | 'command' | 'ms' | 'state' | 'info' | 'wait'> & {
  db?: string | null
}

/** Ages of idle sessions that worked in between unseen are wrong for so long at most, milliseconds. */
const MIN_AGE_MS = 5_000
/** Reading a thousand of them takes about 1.7 ms of the server: a share of one in 15,000. */
const AGE_MS_EACH = 30

/** What does no statement, and is not asleep either. */
const STANDING = /^(Binlog Dump|Connect|Daemon|Group Replication)/

interface Member {
  raw: RawSession
  /** When it fell idle, milliseconds of the clock that is handed in. */
  idleSince: number
}

export class Roster {
  #members = new Map<string, Member>()
  #readAt = Number.NEGATIVE_INFINITY
  #totals: Totals | undefined

  /** `ownLogins`: how often this process itself has logged in since it was last read. */
  isStale(totals: Totals, ownLogins: number, active: readonly Active[], now: number): boolean {
    const { present, ever } = this.#totals ?? {}
    return (
      totals.present !== present ||
      totals.ever !== (ever ?? 0) + ownLogins ||
      now - this.#readAt > Math.max(MIN_AGE_MS, this.#members.size * AGE_MS_EACH) ||
      active.some(({ id }) => !this.#members.has(String(id)))
    )
  }

  /** Takes in what the server has just told of everybody. */
  take(sessions: readonly RawSession[], totals: Totals, now: number): void {
    this.#members = new Map(
      sessions.map(raw => [String(raw.id), { raw, idleSince: now - Math.max(0, Number(raw.ms ?? 0)) }]),
    )
    this.#totals = totals
    this.#readAt = now
  }

  /** Forces the next sample to read everybody. */
  forget(): void {
    this.#totals = undefined
  }

  /** Everybody as of now. A session that came after the last full reading is left for the next sample. */
  present(active: readonly Active[], now: number): RawSession[] {
    const working = new Map(active.map(one => [String(one.id), one]))
    const everybody: RawSession[] = []
    for (const [id, member] of this.#members) {
      const work = working.get(id)
      if (work !== undefined) {
        member.raw = { ...member.raw, ...work }
        member.idleSince = now
      } else if (member.raw.command !== 'Sleep' && !STANDING.test(member.raw.command ?? '')) {
        // Its work began or ended between the two readings.
        member.raw = { ...member.raw, command: 'Sleep', state: null, info: null }
        member.idleSince = now
      }
      everybody.push(member.raw)
    }
    return everybody
  }

  /** Milliseconds. */
  idleMs(id: string, now: number): number {
    return now - (this.#members.get(id)?.idleSince ?? now)
  }
}
