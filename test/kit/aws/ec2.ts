// The fake of EC2: what describes the network of a database. EC2's own Query dialect, `item` for every list.
import { onlyMembers } from './members.ts'
import { Refusal } from './refusal.ts'
import { authorize, revoke } from './rule.ts'
import type { Described, World } from './world.ts'
import { listOf, type Value, xmlOf } from './xml.ts'

type Form = Record<string, Value>

const COMMON = ['Action', 'Version', 'MaxResults', 'NextToken']
const ALLOWED: Record<string, string[]> = {
  DescribeSecurityGroups: [...COMMON, 'GroupId', 'Filter'],
  DescribeNetworkAcls: [...COMMON, 'Filter', 'NetworkAclId'],
  DescribeRouteTables: [...COMMON, 'Filter', 'RouteTableId'],
  DescribeSubnets: [...COMMON, 'Filter', 'SubnetId'],
  DescribeVpcAttribute: [...COMMON, 'VpcId', 'Attribute'],
  GetManagedPrefixListEntries: [...COMMON, 'PrefixListId', 'TargetVersion'],
  AuthorizeSecurityGroupIngress: [...COMMON, 'GroupId', 'IpPermissions'],
  RevokeSecurityGroupIngress: [...COMMON, 'GroupId', 'IpPermissions'],
}

export function ec2(world: World, operation: string, form: Form): string {
  const allowed = ALLOWED[operation]
  if (!allowed)
    throw new Refusal('InvalidAction', `The action ${operation} is not valid for this web service.`)
  onlyMembers(form, allowed, 'UnknownParameter')
  const result = ANSWERS[operation]!(world, form)
  const items = new Proxy<Record<string, string>>({}, { get: () => 'item' })
  return `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>0</requestId>${xmlOf(result, items)}</${operation}Response>`
}

const ANSWERS: Record<string, (world: World, form: Form) => Value> = {
  AuthorizeSecurityGroupIngress: authorize,
  RevokeSecurityGroupIngress: revoke,
  DescribeSecurityGroups: ({ network, shownLate }, form) => {
    const ids = listOf(form.GroupId).map(String)
    const groups = shownLate.groups && shownLate.looks-- > 0 ? shownLate.groups : network.groups
    const found = groups.filter(({ groupId }) => ids.includes(String(groupId)))
    if (found.length < ids.length)
      throw new Refusal('InvalidGroup.NotFound', `The security group '${ids.at(-1)}' does not exist`)
    return { securityGroupInfo: found }
  },
  DescribeNetworkAcls: ({ network }, form) => ({
    networkAclSet: filtered(network.acls, form, 'association.subnet-id'),
  }),
  DescribeRouteTables: ({ network }, form) => ({ routeTableSet: filtered(network.routes, form, 'vpc-id') }),
  DescribeSubnets: ({ network }, form) => {
    const ids = listOf(form.SubnetId).map(String)
    const missing = ids.find(id => !network.subnets.some(({ subnetId }) => subnetId === id))
    if (missing !== undefined)
      throw new Refusal('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`)
    return { subnetSet: network.subnets.filter(({ subnetId }) => ids.includes(String(subnetId))) }
  },
  GetManagedPrefixListEntries: ({ network }, { PrefixListId, NextToken }) => {
    const list = network.lists[String(PrefixListId)]
    if (!list)
      throw new Refusal(
        'InvalidPrefixListID.NotFound',
        `The prefix list '${String(PrefixListId)}' does not exist`,
      )
    // One to a page, so that pages are turned.
    const first = Number(NextToken ?? 0)
    const more = first + 1 < list.length ? { nextToken: String(first + 1) } : {}
    return { entrySet: list.slice(first, first + 1).map(cidr => ({ cidr })), ...more }
  },
  DescribeVpcAttribute: ({ network }, { VpcId, Attribute }) => {
    const value = network.vpcs[String(Attribute)]
    if (value === undefined)
      throw new Refusal(
        'InvalidParameterValue',
        `Value (${String(Attribute)}) for parameter attribute is invalid.`,
      )
    return { vpcId: VpcId, [String(Attribute)]: { value } }
  },
}

/** Only one filter is known of each; `filter` on the described says its values. */
function filtered(all: Described[], form: Form, name: string): Described[] {
  const filters = listOf(form.Filter) as Form[]
  return all.filter(one =>
    filters.every(({ Name, Value }) => {
      if (Name !== name) throw new Refusal('InvalidParameterValue', `The filter '${String(Name)}' is invalid`)
      return listOf(Value).some(value => String(one.filter).split(',').includes(String(value)))
    }),
  )
}
