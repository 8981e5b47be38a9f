// `rds:ID[@region]`, or the host name of an RDS endpoint behind `rds:`: an instance or a cluster, by its name on AWS.
import { AppError } from '../model/index.ts'
import { isRegion } from './account/identity.ts'

export interface RdsTarget {
  /** Identifier of an instance or a cluster, in lower case as RDS keeps it. */
  id: string
  region?: string
  /** The reader endpoint of a cluster was named: one of its readers is meant. */
  reader?: true
}

const SCHEME = /^rds:/i
/** Letters, digits and single hyphens, first a letter, last no hyphen: up to 63. */
const IDENTIFIER = /^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$/
const ENDPOINT =
  /^(?<id>[a-z0-9-]+)\.(?:cluster-(?<reader>ro-)?(?:custom-)?)?[a-z0-9]+\.(?<region>[a-z0-9-]+)\.rds\.amazonaws\.com(?:\.cn)?$/

/** Throws AppError `target-unparsable`. */
export function rdsTarget(text: string): RdsTarget {
  const [name = '', region, ...rest] = text.replace(SCHEME, '').trim().toLowerCase().split('@')
  const endpoint = ENDPOINT.exec(name)?.groups
  const id = endpoint?.id ?? name
  const at = region ?? endpoint?.region
  if (!IDENTIFIER.test(id) || rest.length > 0) {
    throw new AppError(
      'target-unparsable',
      `${JSON.stringify(text)} names no RDS instance or cluster`,
      'Give its identifier: rds:orders-prod@eu-west-1 (letters, digits and hyphens, first a letter).',
    )
  }
  if (at !== undefined && !isRegion(at)) {
    throw new AppError(
      'target-unparsable',
      `${JSON.stringify(at)} is not the name of an AWS region`,
      'Write it like eu-west-1 behind the @, or leave it out for AWS_REGION or the profile.',
    )
  }
  return { id, ...(at === undefined ? {} : { region: at }), ...(endpoint?.reader ? { reader: true } : {}) }
}
