// Operations as the state they lead to: files that describe a state have no order and no snapshots.
import type { Operation, RdsOperation } from '../../model/index.ts'

export interface Head {
  /** Of the database. */
  name: string
  hash: string
}

export interface ParameterGroup {
  name: string
  /** Of a cluster, and not of an instance. */
  isCluster: boolean
  /** Of a group that is made. */
  family?: string
  copyOf?: string
  parameters: { name: string; value: string; method: 'immediate' | 'pending-reboot' }[]
}

export interface Merged {
  instance?: string
  immediately: boolean
  /** Members of ModifyDBInstance: from what, to what. */
  members: { name: string; from: string | null; to: string }[]
  groups: ParameterGroup[]
  /** Its cluster, and the parameter group that it gets. */
  cluster?: { id: string; group: string }
  /** What is made beside the instance. */
  made: RdsOperation[]
  /** What such a file cannot say. */
  beside: string[]
}

const MADE = ['ingress', 'create-replica', 'create-proxy', 'proxy-pool', 'proxy-target']

export function merged(operations: readonly Operation[]): Merged {
  const result: Merged = { immediately: true, members: [], groups: [], made: [], beside: [] }
  const groupOf = ({ group: name, cluster }: { group: string; cluster?: string }): ParameterGroup => {
    const isCluster = cluster !== undefined
    const known = result.groups.find(group => group.name === name && group.isCluster === isCluster)
    if (known) return known
    const made: ParameterGroup = { name, isCluster, parameters: [] }
    result.groups.push(made)
    return made
  }
  for (const operation of operations) {
    const { by, title, call, before, after } = operation
    if (by === 'rds') result.instance = call.instance
    if (call.kind === 'create-parameter-group') {
      const { family, copyOf } = call
      Object.assign(groupOf(call), { family, ...(copyOf === undefined ? {} : { copyOf }) })
    } else if (call.kind === 'set-parameters') {
      for (const [name, value] of Object.entries(after)) {
        const method = call.pending.includes(name) ? 'pending-reboot' : 'immediate'
        if (value === null) result.beside.push(`take ${name} out of ${call.group}`)
        else groupOf(call).parameters.push({ name, value, method })
      }
    } else if (call.kind === 'modify-instance') {
      result.immediately = call.immediately
      for (const [name, to] of Object.entries(after))
        if (to === null) result.beside.push(title)
        else result.members.push({ name, from: before[name] ?? null, to })
    } else if (call.kind === 'modify-cluster') {
      const group = after.DBClusterParameterGroupName
      if (group != null) result.cluster = { id: call.cluster, group }
    } else if (by === 'rds' && MADE.includes(call.kind)) result.made.push(operation)
    else result.beside.push(title)
  }
  return result
}

/** The notes that every file begins with. */
export const heading = ({ name, hash }: Head, beside: readonly string[]): string[] => [
  `Made by Spillway for ${oneLine(name)}, plan ${hash.slice(0, 12)}.`,
  'Where code owns the instance, change it there: a change behind its back is undone by it.',
  ...beside.map(one => `Not in this file: ${oneLine(one)}`),
]

/** What ends a line would end a comment. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ')
