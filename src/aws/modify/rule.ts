// The rule of a security group that lets one client in: what it takes, what speaks against it, and the call.
import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2'
import { AppError, type RdsOperation, type Step } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'
import { contains, isAddress, isLinkLocal } from '../network/address.ts'
import { isNotFound } from './parameter.ts'

export interface RuleWish {
  /** An address with its length, or the id of a security group. */
  source: string
  /** Of the database; otherwise its first. */
  group?: string
  port?: number
}

export interface RuleStanding {
  groups: SecurityGroup[]
  /** Whether the source is a group that there is. */
  sourceExists: boolean
  /** Other instances behind the group. */
  alsoGuards: string[]
}

/** Instances that are named before they are only counted. */
const NAMED = 5
const GROUP = /^sg-[0-9a-z]+$/

/** `10.0.0.5`, `2001:db8::1`, `sg-0a1b`; a length that lets in more than one is refused later, by name. */
export function ruleSource(text: string): string | undefined {
  if (GROUP.test(text)) return text
  const [address = '', length, ...more] = text.split('/')
  const whole = address.includes(':') ? 128 : 32
  if (!isAddress(address) || more.length > 0 || (length !== undefined && !/^\d{1,3}$/.test(length)))
    return undefined
  const spelt = asShown(address)
  return spelt === undefined ? undefined : `${spelt}/${length === undefined ? whole : Number(length)}`
}

/** EC2 shows an IPv6 address in its shortest spelling, however it was given; one with a zone it does not take. */
function asShown(address: string): string | undefined {
  if (!address.includes(':')) return address
  const url = URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`) : undefined
  return url?.hostname.slice(1, -1)
}

/** Those that are there; throws AppError where one of them is not. */
export async function groupsNamed(
  account: Account,
  ids: string[],
  signal?: AbortSignal,
): Promise<SecurityGroup[]> {
  if (ids.length === 0) return []
  const { DescribeSecurityGroupsCommand } = await import('@aws-sdk/client-ec2')
  const command = new DescribeSecurityGroupsCommand({ GroupIds: ids })
  const { SecurityGroups = [] } = await account.call(
    'ec2:DescribeSecurityGroups',
    (ec2, o) => ec2.send(command, o),
    signal,
  )
  return SecurityGroups
}

/** `others`: the other instances of the account. Throws AppError. */
export async function ruleStanding(
  account: Account,
  database: Database,
  { source, group }: RuleWish,
  others: readonly Database[],
  signal?: AbortSignal,
): Promise<RuleStanding> {
  const ids = database.network.securityGroupIds
  const opened = group ?? ids[0]
  return {
    groups: await groupsNamed(account, ids, signal),
    sourceExists: !GROUP.test(source) || (await groupExists(account, source, signal)),
    alsoGuards: others
      .filter(({ network }) => opened !== undefined && network.securityGroupIds.includes(opened))
      .map(({ id }) => id),
  }
}

const groupExists = (account: Account, id: string, signal?: AbortSignal): Promise<boolean> =>
  groupsNamed(account, [id], signal).then(
    () => true,
    (error: unknown) => {
      if (isNotFound(error) || (error instanceof AppError && /Malformed/.test(error.message))) return false
      throw error
    },
  )

/** Pure, like all below. */
export function ruleReasons(database: Database, { sourceExists }: RuleStanding, wish: RuleWish): string[] {
  const { source, group, port } = wish
  const { network, endpoint } = database
  const [address = '', length] = source.split('/')
  const isOne = GROUP.test(source) || length === (address.includes(':') ? '128' : '32')
  return [
    ...(isOne
      ? []
      : [`${source} is more than one address: only one client, or one security group, is let in`]),
    ...(isLinkLocal(address) ? [`RDS takes no clients from 169.254.0.0/16: ${address}`] : []),
    ...(sourceExists ? [] : [`there is no security group ${source}`]),
    ...(network.securityGroupIds.length === 0 ? ['it has no security group'] : []),
    ...(group !== undefined && !network.securityGroupIds.includes(group)
      ? [`${group} is none of its security groups: ${network.securityGroupIds.join(', ') || 'it has none'}`]
      : []),
    ...(endpoint === undefined ? ['it has no endpoint yet'] : []),
    ...(port !== undefined && endpoint !== undefined && port !== endpoint.port
      ? [`its port is ${endpoint.port}, not ${port}`]
      : []),
  ]
}

/** The rule that lets it in already, in words. */
export function letsIn(groups: readonly SecurityGroup[], port: number, source: string): string | undefined {
  const address = source.split('/')[0]!
  for (const { GroupId, IpPermissions = [] } of groups)
    for (const rule of IpPermissions.filter(one => coversPort(one, port))) {
      const cidrs = [...(rule.IpRanges ?? []).map(one => one.CidrIp)].concat(
        (rule.Ipv6Ranges ?? []).map(one => one.CidrIpv6),
      )
      const cidr = isAddress(address) ? cidrs.find(one => contains(one, address)) : undefined
      const pair = (rule.UserIdGroupPairs ?? []).find(one => one.GroupId === source)?.GroupId
      if (cidr !== undefined || pair !== undefined) return `${GroupId} lets in ${cidr ?? pair}`
    }
  return undefined
}

const coversPort = ({ IpProtocol = '-1', FromPort = 0, ToPort = 65_535 }: IpPermission, port: number) =>
  IpProtocol === '-1' || (/^(?:6|tcp)$/.test(IpProtocol) && port >= FromPort && port <= ToPort)

export function ruleNotes(
  { endpoint }: Database,
  { groups, alsoGuards }: RuleStanding,
  wish: RuleWish,
): string[] {
  const there = endpoint && letsIn(groups, endpoint.port, wish.source)
  if (there !== undefined) return [`${there} already: nothing to do for ${wish.source}`]
  const [more, rest] = [alsoGuards.slice(0, NAMED), alsoGuards.length - NAMED]
  return alsoGuards.length > 0
    ? [
        `the same security group stands before ${more.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: ${wish.source} gets in there too`,
      ]
    : []
}

/** `by`: whose it is, as its description says. */
export function ruleOperations(
  { id, endpoint, network }: Database,
  { groups }: RuleStanding,
  { source, group = network.securityGroupIds[0] ?? '' }: RuleWish,
  by: string,
): RdsOperation[] {
  const port = endpoint?.port ?? 0
  if (letsIn(groups, port, source) !== undefined) return []
  const name = `TCP ${port} from ${source}`
  return [
    {
      by: 'rds',
      title: `let ${source} in to TCP ${port} of ${group}`,
      call: { kind: 'ingress', instance: id, group, port, source },
      before: { [name]: null },
      // What EC2 takes in a description.
      after: { [name]: `Spillway, ${by}`.replace(/[^\w .:/()#,@[\]+=&;{}!$*-]/g, '-').slice(0, 255) },
    },
  ]
}

export const ruleStep = ({ endpoint, network }: Database, wish: RuleWish): Step => {
  const group = wish.group ?? network.securityGroupIds[0]
  return {
    actuator: 'rds',
    what: {
      kind: 'security-group-rule',
      port: endpoint?.port ?? wish.port ?? 0,
      ...(group === undefined ? {} : { group }),
    },
    before: null,
    after: wish.source,
    reversible: true,
    outage: 'none',
    verify: ['api', 'health-gate'],
  }
}
