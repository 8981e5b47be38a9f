// The least IAM policy for what Spillway calls, out of the table that says what it may call.
import { ACTIONS, type Declared } from './action.ts'

export interface Policy {
  Version: '2012-10-17'
  Statement: { Sid: string; Effect: 'Allow'; Action: string[]; Resource: string }[]
}

/** A statement for each service and resource. */
export function readPolicy(): Policy {
  const groups = new Map<string, { resource: string; actions: string[] }>()
  for (const [action, { resource }] of Object.entries<Declared>(ACTIONS)) {
    const sid = capital(action.slice(0, action.indexOf(':')))
    const group = groups.get(sid) ?? { resource, actions: [] }
    group.actions.push(action)
    groups.set(sid, group)
  }
  return {
    Version: '2012-10-17',
    Statement: [...groups].map(([sid, { resource, actions }]) => ({
      Sid: `SpillwayRead${sid}`,
      Effect: 'Allow',
      Action: actions.sort(),
      Resource: resource,
    })),
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
