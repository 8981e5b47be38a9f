// The network around a database, as EC2 describes it, in the few words that decide who reaches it.
import type {
  IpPermission,
  NetworkAcl,
  NetworkAclEntry,
  Route,
  RouteTable,
  SecurityGroup,
  Subnet,
} from '@aws-sdk/client-ec2'
import type { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'

export interface NetworkFacts {
  port: number
  isPublic: boolean
  groups: { id: string; rules: GroupRule[] }[]
  acls: { id: string; rules: AclRule[] }[]
  /** Of the table that is in force for each subnet. */
  tables: { id: string; routes: { to: string; via: string; active: boolean }[] }[]
  subnets: { id: string; free: number }[]
  dns: { resolves: boolean; names: boolean }
}

/** From whom to which ports; what is for no TCP is left out. */
interface GroupRule {
  ports: Ports
  cidrs: string[]
  groupIds: string[]
  prefixLists: string[]
}

interface AclRule {
  number: number
  egress: boolean
  allow: boolean
  ports: Ports
  cidr: string
}

interface Ports {
  from: number
  to: number
}

const ALL: Ports = { from: 0, to: 65_535 }

/** Throws AppError. */
export async function networkFacts(
  account: Account,
  { network, endpoint }: Database,
  signal?: AbortSignal,
): Promise<NetworkFacts | undefined> {
  const { vpcId, subnetIds, securityGroupIds, isPublic } = network
  if (!endpoint || vpcId === undefined) return undefined
  const aws = await import('@aws-sdk/client-ec2')
  const filter = (Name: string, Values: string[]) => ({ Filters: [{ Name, Values }] })
  const attribute = async (Attribute: 'enableDnsSupport' | 'enableDnsHostnames') => {
    const command = new aws.DescribeVpcAttributeCommand({ VpcId: vpcId, Attribute })
    const found = await account.call('ec2:DescribeVpcAttribute', (ec2, o) => ec2.send(command, o), signal)
    return (found.EnableDnsSupport ?? found.EnableDnsHostnames)?.Value ?? true
  }
  const [groups, acls, tables, subnets, resolves, names] = await Promise.all([
    account.call(
      'ec2:DescribeSecurityGroups',
      (ec2, o) => ec2.send(new aws.DescribeSecurityGroupsCommand({ GroupIds: securityGroupIds }), o),
      signal,
    ),
    account.call(
      'ec2:DescribeNetworkAcls',
      (ec2, o) => ec2.send(new aws.DescribeNetworkAclsCommand(filter('association.subnet-id', subnetIds)), o),
      signal,
    ),
    account.call(
      'ec2:DescribeRouteTables',
      (ec2, o) => ec2.send(new aws.DescribeRouteTablesCommand(filter('vpc-id', [vpcId])), o),
      signal,
    ),
    account.call(
      'ec2:DescribeSubnets',
      (ec2, o) => ec2.send(new aws.DescribeSubnetsCommand({ SubnetIds: subnetIds }), o),
      signal,
    ),
    attribute('enableDnsSupport'),
    attribute('enableDnsHostnames'),
  ])
  return {
    port: endpoint.port,
    isPublic,
    groups: (groups.SecurityGroups ?? []).map(groupOf),
    acls: (acls.NetworkAcls ?? []).map(aclOf),
    tables: inForce(tables.RouteTables ?? [], subnetIds),
    subnets: (subnets.Subnets ?? []).map(subnetOf),
    dns: { resolves, names },
  }
}

const TCP = /^(?:-1|6|tcp)$/

const groupOf = ({ GroupId = '', IpPermissions = [] }: SecurityGroup) => ({
  id: GroupId,
  rules: IpPermissions.filter(({ IpProtocol = '-1' }) => TCP.test(IpProtocol)).map(ruleOf),
})

const ruleOf = ({ IpProtocol, FromPort, ToPort, ...from }: IpPermission): GroupRule => ({
  ports: IpProtocol === '-1' ? ALL : { from: FromPort ?? ALL.from, to: ToPort ?? ALL.to },
  cidrs: [
    ...(from.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
    ...(from.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
  ],
  groupIds: (from.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
  prefixLists: (from.PrefixListIds ?? []).flatMap(({ PrefixListId }) => PrefixListId ?? []),
})

const aclOf = ({ NetworkAclId = '', Entries = [] }: NetworkAcl) => ({
  id: NetworkAclId,
  rules: Entries.filter(({ Protocol = '-1' }) => TCP.test(Protocol))
    .map(entryOf)
    .sort((a, b) => a.number - b.number),
})

const entryOf = (entry: NetworkAclEntry): AclRule => ({
  number: entry.RuleNumber ?? 0,
  egress: entry.Egress ?? false,
  allow: entry.RuleAction === 'allow',
  ports: entry.PortRange ? { from: entry.PortRange.From ?? 0, to: entry.PortRange.To ?? ALL.to } : ALL,
  cidr: entry.CidrBlock ?? entry.Ipv6CidrBlock ?? '0.0.0.0/0',
})

/** The one a subnet is tied to, or else the main one. */
function inForce(tables: RouteTable[], subnetIds: string[]) {
  const main = tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main))
  const chosen = subnetIds.map(
    id =>
      tables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === id)) ?? main,
  )
  return [...new Set(chosen)].flatMap(table =>
    table ? [{ id: table.RouteTableId ?? '', routes: (table.Routes ?? []).map(routeOf) }] : [],
  )
}

const routeOf = (route: Route) => ({
  to: route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? '',
  via:
    route.GatewayId ??
    route.TransitGatewayId ??
    route.VpcPeeringConnectionId ??
    route.NatGatewayId ??
    route.NetworkInterfaceId ??
    '',
  active: route.State !== 'blackhole',
})

const subnetOf = ({ SubnetId = '', AvailableIpAddressCount = 0 }: Subnet) => ({
  id: SubnetId,
  free: AvailableIpAddressCount,
})
