// Prefix lists in the rules of security groups, with the addresses that are in them.
import { AppError } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { NetworkFacts } from './facts.ts'

const MAX_LISTS = 10
const PAGE = 100
const MAX_PAGES = 10

/** The rules with the addresses of their lists; a list that may not be looked at stays one. Throws AppError. */
export async function withPrefixLists(
  account: Account,
  facts: NetworkFacts,
  signal?: AbortSignal,
): Promise<NetworkFacts> {
  const named = facts.groups.flatMap(({ rules }) => rules.flatMap(({ prefixLists }) => prefixLists))
  const known = new Map<string, string[]>()
  for (const id of [...new Set(named)].slice(0, MAX_LISTS)) {
    const cidrs = await cidrsOf(account, id, signal).catch(refusedIsUnknown)
    if (cidrs) known.set(id, cidrs)
  }
  return {
    ...facts,
    groups: facts.groups.map(group => ({
      ...group,
      rules: group.rules.map(rule => ({
        ...rule,
        cidrs: [...rule.cidrs, ...rule.prefixLists.flatMap(id => known.get(id) ?? [])],
        prefixLists: rule.prefixLists.filter(id => !known.has(id)),
      })),
    })),
  }
}

async function cidrsOf(account: Account, PrefixListId: string, signal?: AbortSignal): Promise<string[]> {
  const { GetManagedPrefixListEntriesCommand } = await import('@aws-sdk/client-ec2')
  const found: string[] = []
  let NextToken: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const command = new GetManagedPrefixListEntriesCommand({ PrefixListId, MaxResults: PAGE, NextToken })
    const answer = await account.call(
      'ec2:GetManagedPrefixListEntries',
      (ec2, o) => ec2.send(command, o),
      signal,
    )
    found.push(...(answer.Entries ?? []).flatMap(({ Cidr }) => Cidr ?? []))
    NextToken = answer.NextToken
    if (!NextToken) break
  }
  return found
}

function refusedIsUnknown(error: unknown): undefined {
  if (error instanceof AppError && (error.code === 'aws-denied' || error.code === 'aws-refused'))
    return undefined
  throw error
}
