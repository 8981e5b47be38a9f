// The least IAM policy for what Spillway calls, out of the table that says what it may call.
import { ACTIONS, type Declared } from './action.ts'

export type Purpose = 'read' | 'login' | 'apply'

export interface Policy {
  Version: '2012-10-17'
  Statement: {
    Sid: string
    Effect: 'Allow'
    Action: string[]
    Resource: string | readonly string[]
    Condition?: Record<string, Record<string, string>>
  }[]
}

/**
 * `login`: for logging in with --secret and --iam instead of for a diagnosis; `apply`: for changes, beside what a diagnosis
 * takes. A statement for each service and resource.
 */
export function policyFor(purpose: Purpose): Policy {
  const groups = new Map<
    string,
    Pick<Declared, 'resource' | 'condition'> & { service: string; actions: string[] }
  >()
  for (const [action, declared] of Object.entries(ALL)) {
    if (purposeOf(declared) !== purpose) continue
    const service = capital(action.slice(0, action.indexOf(':')))
    const key = [service, String(declared.resource), JSON.stringify(declared.condition)].join(' ')
    const { resource, condition } = declared
    const group = groups.get(key) ?? { service, resource, ...(condition ? { condition } : {}), actions: [] }
    group.actions.push(action)
    groups.set(key, group)
  }
  const taken = new Map<string, number>()
  return {
    Version: '2012-10-17',
    Statement: [...groups.values()].map(({ service, resource, condition, actions }) => {
      const n = (taken.get(service) ?? 0) + 1
      taken.set(service, n)
      return {
        Sid: `Spillway${service}${n > 1 ? n : ''}`,
        Effect: 'Allow',
        Action: actions.sort(),
        Resource: resource,
        ...(condition ? { Condition: condition } : {}),
      }
    }),
  }
}

const purposeOf = ({ login, apply }: Declared): Purpose => (login ? 'login' : apply ? 'apply' : 'read')

/** What is allowed and never called: a token is signed and checked by the database; what is made is tagged, and handed a role. */
const ALL: Record<string, Declared> = {
  ...ACTIONS,
  'rds-db:connect': { what: 'the login with --iam', resource: 'arn:aws:rds-db:*:*:dbuser:*/*', login: true },
  'rds:AddTagsToResource': {
    what: 'replicas and proxies that tell who made them',
    resource: ['arn:aws:rds:*:*:db:*', 'arn:aws:rds:*:*:db-proxy:*'],
    apply: true,
  },
  'iam:PassRole': {
    what: 'the role that a proxy reads its secret with',
    resource: 'arn:aws:iam::*:role/*',
    apply: true,
    condition: { StringEquals: { 'iam:PassedToService': 'rds.amazonaws.com' } },
  },
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/\W/g, '')
