// What is made beside an instance, as resources of CloudFormation.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_RDS.html
import type { RdsCall, RdsOperation, State } from '../../model/index.ts'
import { retained } from './resource.ts'

type Of<K extends RdsCall['kind']> = Extract<RdsCall, { kind: K }>

/** Nothing of what only changes what is there. */
export function madeOf(made: readonly RdsOperation[]): string[] {
  return made.flatMap(({ call, after }) => {
    if (call.kind === 'ingress') return rule(call, after)
    if (call.kind === 'create-replica') return replica(call)
    if (call.kind === 'create-proxy') return proxy(call)
    // The pool and what is behind it are one resource here.
    if (call.kind === 'proxy-pool') return targets(call, after, made)
    return []
  })
}

function rule({ group, port, source }: Of<'ingress'>, after: State): string[] {
  const [description] = Object.values(after)
  const from = source.startsWith('sg-')
    ? 'SourceSecurityGroupId'
    : source.includes(':')
      ? 'CidrIpv6'
      : 'CidrIp'
  return retained(`${group} from ${source}`, 'AWS::EC2::SecurityGroupIngress', [
    ['GroupId', group],
    ['IpProtocol', 'tcp'],
    ['FromPort', port],
    ['ToPort', port],
    [from, source],
    ...(description == null ? [] : [['Description', description] as const]),
  ])
}

const NAMES: Record<string, string> = {
  VpcSecurityGroupIds: 'VPCSecurityGroups',
}

const replica = ({ instance, replica: name, members, cluster }: Of<'create-replica'>): string[] =>
  retained(name, 'AWS::RDS::DBInstance', [
    ['DBInstanceIdentifier', name],
    cluster === undefined ? ['SourceDBInstanceIdentifier', instance] : ['DBClusterIdentifier', cluster],
    ...Object.entries(members).map(([member, value]) => [NAMES[member] ?? member, value] as const),
  ])

const proxy = ({ proxy: name, family, role, secret, subnets, groups, tls }: Of<'create-proxy'>): string[] =>
  retained(name, 'AWS::RDS::DBProxy', [
    ['DBProxyName', name],
    ['EngineFamily', family],
    ['RoleArn', role],
    ['VpcSubnetIds', subnets],
    ['VpcSecurityGroupIds', groups],
    ['RequireTLS', tls],
    ['Auth', [{ AuthScheme: 'SECRETS', IAMAuth: 'DISABLED', SecretArn: secret }]],
  ])

function targets({ proxy: name }: Of<'proxy-pool'>, after: State, made: readonly RdsOperation[]): string[] {
  const behind = made
    .map(({ call }) => call)
    .find((call): call is Of<'proxy-target'> => call.kind === 'proxy-target' && call.proxy === name)
  const pool = Object.fromEntries(Object.entries(after).map(([member, value]) => [member, Number(value)]))
  return retained(`${name} targets`, 'AWS::RDS::DBProxyTargetGroup', [
    ['DBProxyName', name],
    ['TargetGroupName', 'default'],
    ['ConnectionPoolConfigurationInfo', pool],
    ...(behind === undefined
      ? []
      : behind.cluster === undefined
        ? [['DBInstanceIdentifiers', [behind.instance]] as const]
        : [['DBClusterIdentifiers', [behind.cluster]] as const]),
  ])
}
