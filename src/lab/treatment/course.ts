// The course of a treatment beside a watch: begun when the fault has stood, over when it had its time to show.
import type { Clock, Evidence } from '../../model/index.ts'
import type { Lab } from '../lab.ts'
import { settleOf } from './settle.ts'
import { type Told, type Treatment, type TreatOptions, type TreatParts, treat } from './treat.ts'

/** What came of a remedy, as far as it was recorded. */
export interface Treated {
  treatment: Treatment | Told
  /** With what came after the remedy. */
  evidence: Evidence
  clients: ClientFailures[]
}

/** Requests of all services that failed since the start, by then. */
interface ClientFailures {
  t: number
  failed: number
}

export interface Course {
  /** What was recorded before the remedy; undefined before it began. */
  readonly before: Evidence | undefined
  /** At each tick from when the fault has stood: whether it is over. Throws what went wrong with the remedy. */
  goOn(evidence: Evidence): Promise<boolean>
  /** At each tick. */
  note(lab: Lab): void
  end(evidence: Evidence): Treated
}

export const courseOf = (
  lab: Lab,
  parts: TreatParts & { clock: Clock },
  { cure, settleMs }: Pick<TreatOptions, 'cure' | 'settleMs'>,
  /** Brings what others said to what was recorded. */
  finish: (evidence: Evidence) => Promise<Evidence>,
): Course => {
  const clients: ClientFailures[] = []
  let before: Evidence | undefined
  let latest: Evidence | undefined
  let treatment: Treatment | Told | undefined
  let failed: { error: unknown } | undefined
  return {
    get before() {
      return before
    },
    note: ({ traffic }) => {
      const failures = traffic().reduce((sum, service) => sum + service.failed, 0)
      clients.push({ t: parts.clock.now(), failed: failures })
    },
    goOn: async evidence => {
      latest = evidence
      if (before === undefined) {
        before = await finish(evidence)
        const known = before
        // The plan is made from what was heard as well; the measurements since are of the watch alone.
        const seen = () => (latest === evidence ? known : latest!)
        treat(lab, parts, { cure, settleMs, evidence: seen }).then(
          done => {
            treatment = done
          },
          error => {
            failed = { error }
          },
        )
      }
      if (failed) throw failed.error
      if (!treatment) return false
      if ('told' in treatment || treatment.takenBackAt !== undefined) return true
      const last = treatment.next ?? treatment
      return parts.clock.now() - last.actedAt >= settleOf(last.remedy, settleMs)
    },
    end: evidence => ({ treatment: treatment!, evidence, clients }),
  }
}
