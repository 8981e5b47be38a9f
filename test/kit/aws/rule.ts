// The rules of security groups in the fake of EC2: added and revoked, and what AWS refuses of them.
import { isIP } from 'node:net'
import { onlyMembers } from './members.ts'
import { Refusal } from './refusal.ts'
import type { Described, World } from './world.ts'
import { listOf, type Value } from './xml.ts'

type Form = Record<string, Value>

/** Lists of sources: as they are asked for, as they are shown, and what a source is called in both. */
const SOURCES = [
  { asked: 'IpRanges', shown: 'ipRanges', member: 'CidrIp', name: 'cidrIp' },
  { asked: 'Ipv6Ranges', shown: 'ipv6Ranges', member: 'CidrIpv6', name: 'cidrIpv6' },
  { asked: 'Groups', shown: 'groups', member: 'GroupId', name: 'groupId' },
] as const

interface Rule {
  port: number
  shown: (typeof SOURCES)[number]['shown']
  name: string
  source: string
  description: string | undefined
}

function groupOf({ network }: World, { GroupId }: Form): Described {
  const found = network.groups.find(({ groupId }) => groupId === GroupId)
  if (!found)
    throw new Refusal('InvalidGroup.NotFound', `The security group '${String(GroupId)}' does not exist`)
  return found
}

function rulesOf(world: World, form: Form): Rule[] {
  return (listOf(form.IpPermissions) as Form[]).flatMap(permission => {
    onlyMembers(
      permission,
      ['IpProtocol', 'FromPort', 'ToPort', ...SOURCES.map(({ asked }) => asked)],
      'UnknownParameter',
    )
    if (permission.IpProtocol !== 'tcp' || permission.FromPort !== permission.ToPort)
      throw new Refusal('InvalidParameterValue', 'here one port of TCP')
    return SOURCES.flatMap(({ asked, shown, member, name }) =>
      (listOf(permission[asked]) as Form[]).map(one => {
        onlyMembers(one, [member, 'Description'], 'UnknownParameter')
        const source = kept(String(one[member]))
        checkSource(world, source)
        const description = one.Description === undefined ? undefined : String(one.Description)
        if (description !== undefined && !/^[\w .:/()#,@[\]+=&;{}!$*-]{0,255}$/.test(description))
          throw new Refusal('InvalidParameterValue', 'Invalid rule description')
        return { port: Number(permission.FromPort), shown, name, source, description }
      }),
    )
  })
}

/** However an IPv6 address is spelt, the shortest spelling is kept and shown. */
function kept(source: string): string {
  const [address = '', length] = source.split('/')
  return isIP(address) === 6 ? `${new URL(`http://[${address}]`).hostname.slice(1, -1)}/${length}` : source
}

function checkSource(world: World, source: string): void {
  if (source.startsWith('sg-')) return void groupOf(world, { GroupId: source })
  const [address = '', length] = source.split('/')
  if (isIP(address) === 0 || length === undefined)
    throw new Refusal('InvalidParameterValue', `CIDR block ${source} is malformed`)
}

/** Permissions of the group that hold a rule for exactly this port and source. */
const holding = (group: Described, { port, shown, name, source }: Rule): Described[] =>
  ((group.ipPermissions ?? []) as Described[]).filter(
    one =>
      Number(one.fromPort) === port &&
      Number(one.toPort) === port &&
      ((one[shown] ?? []) as Described[]).some(range => range[name] === source),
  )

export function authorize(world: World, form: Form): Value {
  world.shownLate.groups = structuredClone(world.network.groups)
  const group = groupOf(world, form)
  for (const rule of rulesOf(world, form)) {
    const { port, shown, name, source, description } = rule
    if (holding(group, rule).length > 0)
      throw new Refusal(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${source}, TCP, from port: ${port}, to port: ${port}, ALLOW" already exists`,
      )
    const all = (group.ipPermissions ?? []) as Described[]
    if (all.length >= world.quota.rules)
      throw new Refusal(
        'RulesPerSecurityGroupLimitExceeded',
        'The maximum number of rules per security group has been reached.',
      )
    const range = { [name]: source, ...(description === undefined ? {} : { description }) }
    group.ipPermissions = [...all, { ipProtocol: 'tcp', fromPort: port, toPort: port, [shown]: [range] }]
  }
  return { return: true }
}

export function revoke(world: World, form: Form): Value {
  const group = groupOf(world, form)
  for (const rule of rulesOf(world, form)) {
    const found = holding(group, rule)
    if (found.length === 0)
      throw new Refusal(
        'InvalidPermission.NotFound',
        'The specified rule does not exist in this security group.',
      )
    for (const one of found)
      one[rule.shown] = (one[rule.shown] as Described[]).filter(range => range[rule.name] !== rule.source)
    group.ipPermissions = (group.ipPermissions as Described[]).filter(one =>
      SOURCES.some(({ shown }) => ((one[shown] ?? []) as Described[]).length > 0),
    )
  }
  return { return: true }
}
