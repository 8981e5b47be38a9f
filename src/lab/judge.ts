// Holds a diagnosis against the truth. The only place where both meet.
import type { Diagnosis, Finding } from '../model/index.ts'
import type { TrueSubject, Truth } from './scenario.ts'

/** Whether the injected cause is named: at the root, or right behind one that is true as well; in its kind, where there is one. */
export const named = ({ findings: [root, second] }: Diagnosis, truth: Truth): Finding | undefined => {
  const found =
    root?.cause === truth.cause
      ? root
      : second?.cause === truth.cause && truth.also.some(cause => cause === root!.cause)
        ? second
        : undefined
  return found && (truth.kind === undefined || found.kind === truth.kind) ? found : undefined
}

/** Whether the finding points at the session that was injected, where there is one; a finding without a session is not wrong. */
export const pointsAt = ({ subject }: Finding, session: string | undefined): boolean =>
  session === undefined || subject?.session === undefined || subject.session.id === session

/** Whether the root is one of the true causes. */
export const isTrue = ({ findings: [root] }: Diagnosis, { cause, also, second }: Truth): boolean =>
  root !== undefined && [cause, ...also, second].some(one => one === root.cause)

/** Whether every field of the true subject is the finding's; undefined where there is nothing to point at. */
export const hasSubject = (
  finding: Finding | undefined,
  truth: TrueSubject | undefined,
  session: string | undefined,
): boolean | undefined => {
  if (session !== undefined) return finding?.subject?.session?.id === session
  if (truth === undefined) return undefined
  const { statement, ...exact } = truth
  const { subject } = finding ?? {}
  return (
    Object.entries(exact).every(([name, value]) => subject?.[name as keyof typeof exact] === value) &&
    (statement === undefined || subject?.statement?.includes(statement) === true)
  )
}
