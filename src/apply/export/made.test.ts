// What is made beside an instance, in the files of other tools: read again by a parser of each.
import hcl from 'hcl2-parser'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Operation, RdsCall, State } from '../../model/index.ts'
import { exportPlan, type Format } from './index.ts'

const HEAD = { name: 'rds:orders@eu-west-1', hash: 'a'.repeat(64) }
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf'
const ROLE = 'arn:aws:iam::123456789012:role/proxy'

const rds = (call: RdsCall, after: State): Operation => ({
  by: 'rds',
  title: call.kind,
  call,
  before: {},
  after,
})
const rule = (source: string): Operation =>
  rds(
    { kind: 'ingress', instance: 'orders', group: 'sg-0ab1', port: 5432, source },
    { rule: "Spillway, it's" },
  )

const members = { DBInstanceClass: 'db.r6g.large', PubliclyAccessible: false }
const cluster = 'sea'
const group = 'spillway-sea-aurora-postgresql16'
const POOL = {
  MaxConnectionsPercent: '40',
  MaxIdleConnectionsPercent: '20',
  ConnectionBorrowTimeout: '30',
}
const OPERATIONS: Operation[] = [
  rule('10.0.0.5/32'),
  rule('2001:db8::7/128'),
  rule('sg-0cd2'),
  rds(
    {
      ...{ kind: 'create-replica', instance: 'orders', replica: 'orders-reader', tag: 'r1' },
      members: { ...members, VpcSecurityGroupIds: ['sg-0ab1'], EnableIAMDatabaseAuthentication: true },
    },
    {},
  ),
  rds(
    {
      ...{ kind: 'create-replica', instance: 'sea-1', replica: 'sea-1-reader', tag: 'r1', cluster },
      members: { ...members, Engine: 'aurora-postgresql', PromotionTier: 15 },
    },
    {},
  ),
  rds(
    {
      ...{ kind: 'create-proxy', instance: 'orders', proxy: 'orders-proxy', family: 'POSTGRESQL' },
      ...{
        role: ROLE,
        secret: SECRET,
        subnets: ['subnet-a', 'subnet-b'],
        groups: ['sg-0ab1'],
        tag: 'r1',
        tls: true,
      },
    },
    {},
  ),
  rds({ kind: 'proxy-pool', instance: 'orders', proxy: 'orders-proxy' }, POOL),
  rds({ kind: 'proxy-target', instance: 'orders', proxy: 'orders-proxy' }, { target: 'orders' }),
  rds(
    { kind: 'create-parameter-group', instance: 'sea-1', group, family: 'aurora-postgresql16', cluster },
    {},
  ),
  rds(
    { kind: 'set-parameters', instance: 'sea-1', group, pending: [], cluster },
    { idle_session_timeout: '60000' },
  ),
  rds(
    { kind: 'modify-cluster', instance: 'sea-1', cluster, immediately: true },
    { DBClusterParameterGroupName: group },
  ),
]
const exported = (format: Format): string => exportPlan(OPERATIONS, format, HEAD)

test('terraform: each as a resource of its own', () => {
  const [found, error] = hcl.parseToString(exported('terraform')) as unknown as [string, unknown]
  expect(error).toBeNull()
  const { resource } = JSON.parse(found) as { resource: Record<string, Record<string, object[]>> }
  const one = (kind: string, name: string) => resource[kind]?.[name]?.[0]
  expect(Object.values(resource.aws_vpc_security_group_ingress_rule!).map(([it]) => it)).toMatchObject([
    { security_group_id: 'sg-0ab1', cidr_ipv4: '10.0.0.5/32', from_port: 5432, to_port: 5432 },
    { cidr_ipv6: '2001:db8::7/128', description: "Spillway, it's" },
    { referenced_security_group_id: 'sg-0cd2' },
  ])
  expect(one('aws_db_instance', 'orders_reader')).toMatchObject({
    replicate_source_db: 'orders',
    instance_class: 'db.r6g.large',
    vpc_security_group_ids: ['sg-0ab1'],
    publicly_accessible: false,
    iam_database_authentication_enabled: true,
  })
  expect(one('aws_rds_cluster_instance', 'sea_1_reader')).toMatchObject({
    cluster_identifier: 'sea',
    promotion_tier: 15,
  })
  expect(one('aws_db_proxy', 'orders_proxy')).toMatchObject({
    engine_family: 'POSTGRESQL',
    require_tls: true,
    vpc_subnet_ids: ['subnet-a', 'subnet-b'],
    auth: [{ secret_arn: SECRET }],
  })
  expect(one('aws_db_proxy_default_target_group', 'orders_proxy')).toMatchObject({
    connection_pool_config: [{ max_connections_percent: 40, connection_borrow_timeout: 30 }],
  })
  expect(one('aws_db_proxy_target', 'orders_proxy')).toMatchObject({ db_instance_identifier: 'orders' })
  expect(one('aws_rds_cluster_parameter_group', group.replaceAll('-', '_'))).toMatchObject({
    family: 'aurora-postgresql16',
    parameter: [{ name: 'idle_session_timeout' }],
  })
  expect(one('aws_rds_cluster', 'sea')).toMatchObject({ cluster_identifier: 'sea' })
})

test('cloudformation: each as a resource of its own, kept when the stack goes', () => {
  const { Resources } = parse(exported('cloudformation'), {
    customTags: [{ tag: '!Ref', resolve: (name: string) => ({ Ref: name }) }],
  }) as { Resources: Record<string, { Type: string; DeletionPolicy: string; Properties: object }> }
  const all = Object.values(Resources)
  expect(all.every(({ DeletionPolicy }) => DeletionPolicy === 'Retain')).toBe(true)
  const of = (type: string) => all.filter(({ Type }) => Type === type).map(({ Properties }) => Properties)
  expect(of('AWS::EC2::SecurityGroupIngress')).toMatchObject([
    { GroupId: 'sg-0ab1', CidrIp: '10.0.0.5/32', FromPort: 5432 },
    { CidrIpv6: '2001:db8::7/128' },
    { SourceSecurityGroupId: 'sg-0cd2' },
  ])
  expect(of('AWS::RDS::DBInstance')).toMatchObject([
    { SourceDBInstanceIdentifier: 'orders', VPCSecurityGroups: ['sg-0ab1'] },
    { DBClusterIdentifier: 'sea', Engine: 'aurora-postgresql' },
  ])
  expect(of('AWS::RDS::DBProxy')).toMatchObject([
    { RoleArn: ROLE, RequireTLS: true, Auth: [{ SecretArn: SECRET }] },
  ])
  expect(of('AWS::RDS::DBProxyTargetGroup')).toMatchObject([
    {
      ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: 40 },
      DBInstanceIdentifiers: ['orders'],
    },
  ])
  expect(of('AWS::RDS::DBClusterParameterGroup')).toMatchObject([
    { Family: 'aurora-postgresql16', Parameters: { idle_session_timeout: '60000' } },
  ])
  expect(of('AWS::RDS::DBCluster')).toMatchObject([{ DBClusterParameterGroupName: group }])
})

describe('aws-cli', () => {
  const lines = exported('aws-cli').split('\n')
  const line = (verb: string) => lines.find(one => one.includes(` ${verb} `)) ?? ''

  test('every line is a command of it or a comment', () => {
    const odd = lines.filter(one => one !== '' && !/^(?:#|set -e$|aws (?:rds|ec2) [a-z-]+ )/.test(one))
    expect(odd).toEqual([])
  })

  test('switches, lists and quotes are as the command line takes them', () => {
    const replica = line('create-db-instance-read-replica')
    expect(replica).toContain('--no-publicly-accessible --vpc-security-group-ids sg-0ab1')
    expect(replica).toContain("--enable-iam-database-authentication --tags 'Key=spillway,Value=r1'")
    expect(line('create-db-instance')).toContain('--db-cluster-identifier sea')
    expect(line('create-db-proxy')).toContain('--vpc-subnet-ids subnet-a subnet-b')
    expect(line('create-db-proxy')).toContain(' --require-tls ')
    expect(line('modify-db-proxy-target-group')).toContain(
      'MaxConnectionsPercent=40,MaxIdleConnectionsPercent=20',
    )
    const permissions = /--ip-permissions '(.*)'$/.exec(line('authorize-security-group-ingress'))?.[1]
    expect(JSON.parse(permissions!.replaceAll(`'\\''`, "'"))).toMatchObject([
      { FromPort: 5432, IpRanges: [{ CidrIp: '10.0.0.5/32', Description: "Spillway, it's" }] },
    ])
    expect(line('modify-db-cluster-parameter-group')).toContain(`--db-cluster-parameter-group-name ${group}`)
    expect(line('modify-db-cluster')).toContain(`--db-cluster-parameter-group-name ${group}`)
  })
})
