// What a parameter group says of single parameters: value, who set it, whether it takes a restart, what is allowed.
import type { Filter, Parameter } from '@aws-sdk/client-rds'
import { AppError } from '../../model/index.ts'
import type { Account } from '../account/index.ts'

export interface ParameterFact {
  name: string
  /** Whose group it stands in. */
  scope: Scope
  /** As it stands there, maybe a formula; null: the engine's own. */
  value: string | null
  /** Somebody has set it. */
  isSet: boolean
  needsRestart: boolean
  isModifiable: boolean
  allowed?: string
}

/** A group of an instance, or of a cluster: they have names of their own, and calls. */
export type Scope = 'instance' | 'cluster'

export const scopeOf = ({ cluster }: { cluster?: string }): Scope =>
  cluster === undefined ? 'instance' : 'cluster'

/** Only those that were asked for and are there; all of them null where there is no such group. Throws AppError. */
export async function parameterFacts(
  account: Account,
  group: string,
  names: readonly string[],
  scope: Scope,
  signal?: AbortSignal,
): Promise<Map<string, ParameterFact>> {
  const found = new Map<string, ParameterFact>()
  if (names.length === 0) return found
  const Filters = [{ Name: 'parameter-name', Values: [...names] }]
  let Marker: string | undefined
  do {
    const answer: Page = await pageOf(account, group, { Filters, Marker }, scope, signal)
    for (const one of answer.Parameters ?? []) {
      const fact = factOf(one, scope)
      if (fact) found.set(fact.name, fact)
    }
    Marker = answer.Marker
  } while (Marker)
  return found
}

interface Page {
  Parameters?: Parameter[] | undefined
  Marker?: string | undefined
}

async function pageOf(
  account: Account,
  group: string,
  asked: { Filters: Filter[]; Marker: string | undefined },
  scope: Scope,
  signal?: AbortSignal,
): Promise<Page> {
  const { DescribeDBParametersCommand, DescribeDBClusterParametersCommand } = await import(
    '@aws-sdk/client-rds'
  )
  if (scope === 'cluster') {
    const command = new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: group, ...asked })
    return account.call('rds:DescribeDBClusterParameters', (rds, o) => rds.send(command, o), signal)
  }
  const command = new DescribeDBParametersCommand({ DBParameterGroupName: group, ...asked })
  return account.call('rds:DescribeDBParameters', (rds, o) => rds.send(command, o), signal)
}

const factOf = (one: Parameter, scope: Scope): ParameterFact | undefined =>
  one.ParameterName === undefined
    ? undefined
    : {
        name: one.ParameterName,
        scope,
        value: one.ParameterValue ?? null,
        isSet: one.Source === 'user',
        needsRestart: one.ApplyType === 'static',
        isModifiable: one.IsModifiable ?? true,
        ...(one.AllowedValues === undefined ? {} : { allowed: one.AllowedValues }),
      }

/** Undefined where there is no such group. Throws AppError. */
export async function familyOf(
  account: Account,
  group: string,
  scope: Scope,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { DescribeDBParameterGroupsCommand, DescribeDBClusterParameterGroupsCommand } = await import(
    '@aws-sdk/client-rds'
  )
  try {
    if (scope === 'cluster') {
      const command = new DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: group })
      const { DBClusterParameterGroups: [found] = [] } = await account.call(
        'rds:DescribeDBClusterParameterGroups',
        (rds, o) => rds.send(command, o),
        signal,
      )
      return found?.DBParameterGroupFamily
    }
    const command = new DescribeDBParameterGroupsCommand({ DBParameterGroupName: group })
    const { DBParameterGroups: [found] = [] } = await account.call(
      'rds:DescribeDBParameterGroups',
      (rds, o) => rds.send(command, o),
      signal,
    )
    return found?.DBParameterGroupFamily
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Not there is an answer. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof AppError && error.cause instanceof Error && /NotFound(?:Fault)?$/.test(error.cause.name)

/** Whether a value stands in what AWS allows: `1-100`, `0,1`, or a text with no such list. Formulas are AWS's to judge. */
export function isAllowed(value: string, allowed: string | undefined): boolean {
  if (allowed === undefined || /[{(]/.test(value)) return true
  const parts = allowed.split(',').map(part => part.trim())
  const ranges = parts.map(part => /^(-?\d+)-(\d+)$/.exec(part))
  if (ranges.every(range => range !== null)) {
    const number = Number(value)
    return (
      Number.isInteger(number) &&
      ranges.some(range => number >= Number(range![1]) && number <= Number(range![2]))
    )
  }
  return parts.includes(value)
}
