// Every AWS action that Spillway may call, and what for. Nothing else is let out: see gate.ts.

export interface Declared {
  /** What is lost without it. */
  what: string
  /** `*`, or what it may be narrowed to. */
  resource: string | readonly string[]
  /** Only for `--secret`. */
  login?: true
  /** Only for changes; everything else is for a diagnosis. */
  apply?: true
  /** Under which it is allowed. */
  condition?: Record<string, Record<string, string>>
}

const MADE = [
  'arn:aws:rds:*:*:db:*',
  'arn:aws:rds:*:*:og:*',
  'arn:aws:rds:*:*:pg:*',
  'arn:aws:rds:*:*:subgrp:*',
] as const
const BEHIND = [
  'arn:aws:rds:*:*:target-group:*',
  'arn:aws:rds:*:*:db:*',
  'arn:aws:rds:*:*:cluster:*',
] as const
const RULES = ['arn:aws:ec2:*:*:security-group/*', 'arn:aws:ec2:*:*:security-group-rule/*'] as const

export const ACTIONS = {
  'rds:DescribeDBInstances': { what: 'the instance: class, engine, state, endpoint', resource: '*' },
  'rds:DescribeDBClusters': { what: 'the cluster: writer, readers, capacity', resource: '*' },
  'rds:DescribeDBParameters': { what: 'max_connections and what is reserved of it', resource: '*' },
  'rds:DescribeDBClusterParameters': { what: 'the same where the cluster sets it', resource: '*' },
  'rds:DescribeEvents': { what: 'restarts, failovers, full storage', resource: '*' },
  'rds:DescribeDBLogFiles': { what: 'which server logs there are', resource: '*' },
  'rds:DownloadDBLogFilePortion': { what: 'failed connections of other clients', resource: '*' },
  'rds:DescribeDBProxies': { what: 'proxies before the database', resource: '*' },
  'rds:DescribeDBProxyTargetGroups': { what: 'the pool a proxy has', resource: '*' },
  'rds:DescribeDBProxyTargets': { what: 'whether a proxy reaches the database', resource: '*' },
  'pi:GetResourceMetrics': {
    what: 'load by wait event and statement',
    resource: 'arn:aws:pi:*:*:metrics/rds/*',
  },
  'cloudwatch:GetMetricData': { what: 'connections, CPU, storage, network, credits', resource: '*' },
  'logs:FilterLogEvents': {
    what: 'failed connections of other clients, where the log is published',
    resource: 'arn:aws:logs:*:*:log-group:/aws/rds/*',
  },
  'ec2:DescribeSecurityGroups': { what: 'whether a client may reach the port', resource: '*' },
  'ec2:DescribeNetworkAcls': { what: 'whether the subnet lets it through', resource: '*' },
  'ec2:DescribeRouteTables': { what: 'whether answers find their way back', resource: '*' },
  'ec2:GetManagedPrefixListEntries': { what: 'addresses that a rule names by a list', resource: '*' },
  'ec2:DescribeSubnets': { what: 'free addresses of the subnets', resource: '*' },
  'ec2:DescribeVpcAttribute': { what: 'whether names resolve in the network', resource: '*' },
  'secretsmanager:GetSecretValue': {
    what: 'the login that --secret names',
    resource: 'arn:aws:secretsmanager:*:*:secret:*',
    login: true,
  },
  'rds:DescribeDBParameterGroups': { what: 'the family of a parameter group', resource: '*', apply: true },
  'rds:DescribeOrderableDBInstanceOptions': {
    what: 'whether a class is to be had',
    resource: '*',
    apply: true,
  },
  'rds:DescribeDBSnapshots': { what: 'whether the snapshot is there', resource: '*', apply: true },
  'rds:CreateDBSnapshot': {
    what: 'a snapshot before what interrupts',
    resource: ['arn:aws:rds:*:*:db:*', 'arn:aws:rds:*:*:snapshot:spillway-*'],
    apply: true,
  },
  'rds:CreateDBParameterGroup': {
    what: 'a group of its own',
    resource: 'arn:aws:rds:*:*:pg:spillway-*',
    apply: true,
  },
  'rds:CopyDBParameterGroup': {
    what: 'the same out of a shared one',
    resource: 'arn:aws:rds:*:*:pg:*',
    apply: true,
  },
  'rds:ModifyDBParameterGroup': { what: 'parameters', resource: 'arn:aws:rds:*:*:pg:*', apply: true },
  'rds:ResetDBParameterGroup': {
    what: 'parameters, taken back',
    resource: 'arn:aws:rds:*:*:pg:*',
    apply: true,
  },
  'rds:ModifyDBInstance': {
    what: 'class, storage, parameter group',
    resource: ['arn:aws:rds:*:*:db:*', 'arn:aws:rds:*:*:pg:*'],
    apply: true,
  },
  'rds:RebootDBInstance': {
    what: 'parameters that wait for a restart',
    resource: 'arn:aws:rds:*:*:db:*',
    apply: true,
  },
  'rds:DescribeDBClusterParameterGroups': {
    what: 'the family of a parameter group of a cluster',
    resource: '*',
    apply: true,
  },
  'rds:CreateDBClusterParameterGroup': {
    what: 'a group of its own for a cluster',
    resource: 'arn:aws:rds:*:*:cluster-pg:spillway-*',
    apply: true,
  },
  'rds:CopyDBClusterParameterGroup': {
    what: 'the same out of a shared one',
    resource: 'arn:aws:rds:*:*:cluster-pg:*',
    apply: true,
  },
  'rds:ModifyDBClusterParameterGroup': {
    what: 'parameters of a cluster',
    resource: 'arn:aws:rds:*:*:cluster-pg:*',
    apply: true,
  },
  'rds:ResetDBClusterParameterGroup': {
    what: 'parameters of a cluster, taken back',
    resource: 'arn:aws:rds:*:*:cluster-pg:*',
    apply: true,
  },
  'rds:ModifyDBCluster': {
    what: 'the parameter group of a cluster',
    resource: ['arn:aws:rds:*:*:cluster:*', 'arn:aws:rds:*:*:cluster-pg:*'],
    apply: true,
  },
  'rds:CreateDBInstanceReadReplica': { what: 'a read replica', resource: MADE, apply: true },
  'rds:CreateDBInstance': {
    what: 'a reader in a cluster',
    resource: [...MADE, 'arn:aws:rds:*:*:cluster:*'],
    apply: true,
  },
  'rds:CreateDBProxy': { what: 'a proxy', resource: '*', apply: true },
  'rds:ModifyDBProxyTargetGroup': {
    what: 'the pool of a proxy',
    resource: 'arn:aws:rds:*:*:target-group:*',
    apply: true,
  },
  'rds:RegisterDBProxyTargets': { what: 'the database behind a proxy', resource: BEHIND, apply: true },
  'rds:DeregisterDBProxyTargets': { what: 'the same, taken back', resource: BEHIND, apply: true },
  'ec2:AuthorizeSecurityGroupIngress': { what: 'one client let in', resource: RULES, apply: true },
  'ec2:RevokeSecurityGroupIngress': { what: 'the same, taken back', resource: RULES, apply: true },
} as const satisfies Record<string, Declared>

export type Action = keyof typeof ACTIONS

export const isDeclared = (name: string): name is Action => Object.hasOwn(ACTIONS, name)
