// The least IAM policy for what Spillway calls, out of the table that says what it may call.
import { ACTIONS, type Declared } from './action.ts'

export interface Policy {
  Version: '2012-10-17'
  Statement: { Sid: string; Effect: 'Allow'; Action: string[]; Resource: string }[]
}

/** `login`: for logging in with --secret and --iam instead of for a diagnosis. A statement for each service. */
export function policyFor(purpose: 'read' | 'login'): Policy {
  const groups = new Map<string, { resource: string; actions: string[] }>()
  for (const [action, { resource, login = false }] of Object.entries(ALL)) {
    if (login !== (purpose === 'login')) continue
    const sid = capital(action.slice(0, action.indexOf(':')))
    const group = groups.get(sid) ?? { resource, actions: [] }
    group.actions.push(action)
    groups.set(sid, group)
  }
  return {
    Version: '2012-10-17',
    Statement: [...groups].map(([sid, { resource, actions }]) => ({
      Sid: `Spillway${sid}`,
      Effect: 'Allow',
      Action: actions.sort(),
      Resource: resource,
    })),
  }
}

/** A token of IAM is signed, not called for, and checked by the database. */
const ALL: Record<string, Declared> = {
  ...ACTIONS,
  'rds-db:connect': { what: 'the login with --iam', resource: 'arn:aws:rds-db:*:*:dbuser:*/*', login: true },
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/\W/g, '')
