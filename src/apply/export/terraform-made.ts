// What is made beside an instance, as resources of Terraform.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_proxy
import type { Members, RdsCall, RdsOperation, State } from '../../model/index.ts'
import { label, list, text } from './hcl.ts'

type Of<K extends RdsCall['kind']> = Extract<RdsCall, { kind: K }>

/** Nothing of what only changes what is there. */
export function madeOf({ call, after }: RdsOperation): string[] {
  switch (call.kind) {
    case 'ingress':
      return rule(call, after)
    case 'create-replica':
      return replica(call)
    case 'create-proxy':
      return proxy(call)
    case 'proxy-pool':
      return pool(call, after)
    case 'proxy-target':
      return target(call)
    default:
      return []
  }
}

const resource = (kind: string, name: string, lines: readonly string[]): string[] => [
  `resource ${text(kind)} ${text(label(name))} {`,
  ...lines.map(line => `  ${line}`),
  '}',
  '',
]

function rule({ group, port, source }: Of<'ingress'>, after: State): string[] {
  const [description] = Object.values(after)
  const from = source.startsWith('sg-')
    ? 'referenced_security_group_id'
    : source.includes(':')
      ? 'cidr_ipv6'
      : 'cidr_ipv4'
  return resource('aws_vpc_security_group_ingress_rule', `${group}_${source}`, [
    `security_group_id = ${text(group)}`,
    `${from} = ${text(source)}`,
    'ip_protocol = "tcp"',
    `from_port = ${port}`,
    `to_port = ${port}`,
    ...(description == null ? [] : [`description = ${text(description)}`]),
  ])
}

const ARGUMENTS: Record<string, string> = {
  DBInstanceClass: 'instance_class',
  VpcSecurityGroupIds: 'vpc_security_group_ids',
  PubliclyAccessible: 'publicly_accessible',
  StorageType: 'storage_type',
  Iops: 'iops',
  StorageThroughput: 'storage_throughput',
  EnableIAMDatabaseAuthentication: 'iam_database_authentication_enabled',
  EnableCloudwatchLogsExports: 'enabled_cloudwatch_logs_exports',
  EnablePerformanceInsights: 'performance_insights_enabled',
  Engine: 'engine',
  PromotionTier: 'promotion_tier',
  DBParameterGroupName: 'db_parameter_group_name',
}

function replica({ instance, replica: name, members, cluster }: Of<'create-replica'>): string[] {
  const own =
    cluster === undefined
      ? [`replicate_source_db = ${text(instance)}`, 'skip_final_snapshot = true']
      : [`cluster_identifier = ${text(cluster)}`]
  return resource(cluster === undefined ? 'aws_db_instance' : 'aws_rds_cluster_instance', name, [
    `identifier = ${text(name)}`,
    ...own,
    ...Object.entries(members).map(([member, value]) => `${ARGUMENTS[member] ?? member} = ${hcl(value)}`),
  ])
}

const hcl = (value: Members[string]): string =>
  Array.isArray(value) ? list(value) : typeof value === 'string' ? text(value) : String(value)

const proxy = ({ proxy: name, family, role, secret, subnets, groups, tls }: Of<'create-proxy'>): string[] =>
  resource('aws_db_proxy', name, [
    `name = ${text(name)}`,
    `engine_family = ${text(family)}`,
    `role_arn = ${text(role)}`,
    `vpc_subnet_ids = ${list(subnets)}`,
    `vpc_security_group_ids = ${list(groups)}`,
    `require_tls = ${tls}`,
    'auth {',
    '  auth_scheme = "SECRETS"',
    '  iam_auth = "DISABLED"',
    `  secret_arn = ${text(secret)}`,
    '}',
  ])

const pool = ({ proxy: name }: Of<'proxy-pool'>, after: State): string[] =>
  resource('aws_db_proxy_default_target_group', name, [
    `db_proxy_name = ${text(name)}`,
    'connection_pool_config {',
    `  max_connections_percent = ${after.MaxConnectionsPercent}`,
    `  max_idle_connections_percent = ${after.MaxIdleConnectionsPercent}`,
    `  connection_borrow_timeout = ${after.ConnectionBorrowTimeout}`,
    '}',
  ])

const target = ({ proxy: name, instance, cluster }: Of<'proxy-target'>): string[] =>
  resource('aws_db_proxy_target', name, [
    `db_proxy_name = ${text(name)}`,
    'target_group_name = "default"',
    cluster === undefined
      ? `db_instance_identifier = ${text(instance)}`
      : `db_cluster_identifier = ${text(cluster)}`,
  ])
