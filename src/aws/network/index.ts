// What the network lets through, as events: a gate that is shut is why connections time out.
import type { EvidenceEvent } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'
import { isAddress } from './address.ts'
import { networkFacts } from './facts.ts'
import { type Gate, gatesOf } from './path.ts'
import { withPrefixLists } from './prefix.ts'

/** At `t`, epoch milliseconds: the rules are those of now. Throws AppError. */
export async function networkEvents(
  account: Account,
  database: Database,
  client: string | undefined,
  t: number,
  signal?: AbortSignal,
): Promise<EvidenceEvent[]> {
  const described = await networkFacts(account, database, signal)
  if (!described) return []
  const byAddress = client !== undefined && isAddress(client)
  const facts = byAddress ? await withPrefixLists(account, described, signal) : described
  const gates = gatesOf(facts, client)
  const shut = gates.filter(({ open }) => open === false)
  const unclear = gates.filter(({ open }) => open === undefined)
  const say = (kind: string, message: string): EvidenceEvent => ({ t, source: 'network', kind, message })
  return [
    ...[...shut, ...unclear].map(({ gate, open, message }: Gate) =>
      say(open === false ? `shut-${gate}` : gate, message),
    ),
    ...(client !== undefined && shut.length === 0 && unclear.length === 0
      ? [say('open', `security groups, network ACLs and routes let ${client} reach TCP ${facts.port}`)]
      : []),
  ]
}
