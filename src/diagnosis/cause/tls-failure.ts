// The server was reached, and client and server did not agree on TLS.
import type { Failure } from '../../model/index.ts'
import type { Case } from '../case.ts'
import { met, mostOften } from '../met.ts'
import { failureWords } from '../path.ts'
import { cannotTell, found, type Judgement, nothing, type Rule, ruledOut } from '../rule.ts'

const KINDS: Partial<Record<Failure, string>> = {
  'tls-required': 'required',
  'tls-unsupported': 'unsupported',
  'tls-certificate': 'certificate',
}

const isTls = ({ failure }: { failure: Failure }): boolean => failure in KINDS

export const tlsFailure: Rule = { cause: 'tls-failure', hear }

function hear(c: Case): Judgement {
  const failed = c.failed.filter(isTls)
  const failure = mostOften(failed, one => one.failure) as Failure | undefined
  if (!failure)
    return c.probes.length > 0
      ? ruledOut('no attempt failed for TLS')
      : cannotTell('connection attempts (spillway probe)')
  const { who, ...seen } = met(failed, c)
  return found({
    ...seen,
    kind: KINDS[failure]!,
    confidence: 0.95,
    title: `TLS: ${failureWords(failure)}`,
    because: `${failureWords(failure)}, which no setting of load or slots changes`,
    remedies: [],
    gone: nothing,
    answers: isTls,
  })
}
