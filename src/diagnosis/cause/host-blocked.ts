// The server has shut out a host after too many broken handshakes from it.
import type { Case } from '../case.ts'
import { met } from '../met.ts'
import { cannotTell, found, type Judgement, nothing, type Rule, ruledOut } from '../rule.ts'

const isBlocked = ({ failure }: { failure: string }): boolean => failure === 'host-blocked'

export const hostBlocked: Rule = { cause: 'host-blocked', hear }

function hear(c: Case): Judgement {
  const failed = c.failed.filter(isBlocked)
  if (failed.length === 0)
    return c.evidence.target.engine === 'postgres'
      ? ruledOut('PostgreSQL blocks no host')
      : c.probes.length > 0
        ? ruledOut('no attempt was refused for its host')
        : cannotTell('connection attempts (spillway probe)')
  const { who, ...seen } = met(failed, c)
  const host = seen.subject.host === undefined ? 'a host' : `host ${seen.subject.host}`
  return found({
    ...seen,
    confidence: 0.95,
    title: `the server has blocked ${host}`,
    because: `the server has blocked ${host} after max_connect_errors broken handshakes in a row`,
    remedies: [],
    gone: nothing,
    answers: isBlocked,
  })
}
