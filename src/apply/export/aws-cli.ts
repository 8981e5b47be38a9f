// A plan as a shell script of AWS CLI commands, each waited for.
import type { Members, Operation, RdsOperation, State } from '../../model/index.ts'
import { type Head, heading, oneLine } from './merged.ts'

export function awsCli(operations: readonly Operation[], head: Head): string {
  const lines = operations.flatMap(operation => [
    `# ${oneLine(operation.title)}${operation.outage ? ` (${oneLine(operation.outage)})` : ''}`,
    ...(operation.by === 'rds' ? commandsOf(operation) : ['#   by SQL: spillway apply']),
  ])
  return ['#!/bin/sh', ...heading(head, []).map(line => `# ${line}`), 'set -e', ...lines, ''].join('\n')
}

function commandsOf(operation: RdsOperation): string[] {
  const { call, after } = operation
  const instance = ['--db-instance-identifier', call.instance]
  const wait = command(['wait', 'db-instance-available', ...instance])
  switch (call.kind) {
    case 'snapshot': {
      const kind = call.cluster === undefined ? 'db' : 'db-cluster'
      const of = call.cluster === undefined ? instance : ['--db-cluster-identifier', call.cluster]
      const named = [`--${kind}-snapshot-identifier`, call.snapshot]
      return [
        command([`create-${kind}-snapshot`, ...of, ...named]),
        command(['wait', `${kind}-snapshot-available`, ...named]),
      ]
    }
    case 'create-parameter-group':
      return [command(call.copyOf === undefined ? created(call) : copied(call, call.copyOf))]
    case 'set-parameters':
      return parameterCommands(call, after)
    case 'modify-instance': {
      const when = call.immediately ? '--apply-immediately' : '--no-apply-immediately'
      return [
        command(['modify-db-instance', ...instance, ...flags({ ...call.together, ...after }), when]),
        wait,
      ]
    }
    case 'modify-cluster': {
      const cluster = ['--db-cluster-identifier', call.cluster]
      return [
        command(['modify-db-cluster', ...cluster, ...flags(after), '--apply-immediately']),
        command(['wait', 'db-cluster-available', ...cluster]),
      ]
    }
    case 'restart':
      return [command(['reboot-db-instance', ...instance, '--no-force-failover']), wait]
    default:
      return besideCommands(call, after)
  }
}

type Beside = Extract<
  RdsOperation['call'],
  { kind: 'ingress' | 'create-replica' | 'create-proxy' | 'proxy-pool' | 'proxy-target' }
>

/** What stands beside the instance. */
function besideCommands(call: Beside, after: State): string[] {
  switch (call.kind) {
    case 'ingress':
      return [ec2(['authorize-security-group-ingress', '--group-id', call.group, ...ruleFlags(call, after)])]
    case 'create-replica': {
      const verb =
        call.cluster === undefined
          ? ['create-db-instance-read-replica', '--source-db-instance-identifier', call.instance]
          : ['create-db-instance', '--db-cluster-identifier', call.cluster]
      const named = ['--db-instance-identifier', call.replica]
      return [
        command([...verb, ...named, ...flags(call.members), ...tagFlags(call.tag)]),
        command(['wait', 'db-instance-available', ...named]),
      ]
    }
    case 'create-proxy':
      return [
        command([
          'create-db-proxy',
          ...['--db-proxy-name', call.proxy, '--engine-family', call.family, '--role-arn', call.role],
          ...['--auth', `AuthScheme=SECRETS,SecretArn=${call.secret},IAMAuth=DISABLED`],
          ...['--vpc-subnet-ids', ...call.subnets, '--vpc-security-group-ids', ...call.groups],
          call.tls ? '--require-tls' : '--no-require-tls',
          ...tagFlags(call.tag),
        ]),
        '# Go on when aws rds describe-db-proxies says that it is available: the command line has no wait for it.',
      ]
    case 'proxy-pool': {
      const pool = Object.entries(after).map(([name, value]) => `${name}=${value}`)
      const target = ['--db-proxy-name', call.proxy, '--target-group-name', 'default']
      return [
        command(['modify-db-proxy-target-group', ...target, '--connection-pool-config', pool.join(',')]),
      ]
    }
    case 'proxy-target': {
      const database =
        call.cluster === undefined
          ? ['--db-instance-identifiers', call.instance]
          : ['--db-cluster-identifiers', call.cluster]
      return [command(['register-db-proxy-targets', '--db-proxy-name', call.proxy, ...database])]
    }
  }
}

/** As JSON: the short form of the CLI splits a description at its commas. */
function ruleFlags({ port, source }: Extract<Beside, { kind: 'ingress' }>, after: State): string[] {
  const [Description = null] = Object.values(after)
  const said = Description === null ? {} : { Description }
  const ports = { IpProtocol: 'tcp', FromPort: port, ToPort: port }
  const from = source.startsWith('sg-')
    ? { UserIdGroupPairs: [{ GroupId: source, ...said }] }
    : source.includes(':')
      ? { Ipv6Ranges: [{ CidrIpv6: source, ...said }] }
      : { IpRanges: [{ CidrIp: source, ...said }] }
  return ['--ip-permissions', JSON.stringify([{ ...ports, ...from }])]
}

const tagFlags = (tag: string): string[] => ['--tags', `Key=spillway,Value=${tag}`]

/** Members of a call as flags; a switch is on or off by its name. */
const flags = (members: Members | State): string[] =>
  Object.entries(members).flatMap(([name, value]) => {
    if (value === null) return []
    if (typeof value === 'boolean') return [`--${value ? '' : 'no-'}${kebab(name)}`]
    return [`--${kebab(name)}`, ...(Array.isArray(value) ? value : [String(value)])]
  })

function parameterCommands(call: SetParameters, after: State): string[] {
  const isCluster = call.cluster !== undefined
  const kind = isCluster ? 'db-cluster-parameter-group' : 'db-parameter-group'
  const group = [`--${kind}-name`, call.group]
  const parameters = Object.entries(after).map(([name, value]) =>
    parameter(name, value, call.pending.includes(name)),
  )
  const [set, reset] = [parameters.filter(({ isSet }) => isSet), parameters.filter(({ isSet }) => !isSet)]
  return [
    ...(set.length > 0 ? [command([`modify-${kind}`, ...group, '--parameters', json(set)])] : []),
    ...(reset.length > 0 ? [command([`reset-${kind}`, ...group, '--parameters', json(reset)])] : []),
  ]
}

type SetParameters = Extract<RdsOperation['call'], { kind: 'set-parameters' }>

type Create = Extract<RdsOperation['call'], { kind: 'create-parameter-group' }>

const groupKind = ({ cluster }: Create): string =>
  cluster === undefined ? 'db-parameter-group' : 'db-cluster-parameter-group'

const created = (call: Create): string[] => [
  ...[`create-${groupKind(call)}`, `--${groupKind(call)}-name`, call.group],
  ...['--db-parameter-group-family', call.family],
  ...['--description', `Made by Spillway for ${call.cluster ?? call.instance}`],
]

const copied = (call: Create, copyOf: string): string[] => [
  ...[`copy-${groupKind(call)}`, `--source-${groupKind(call)}-identifier`, copyOf],
  ...[`--target-${groupKind(call)}-identifier`, call.group],
  ...[`--target-${groupKind(call)}-description`, `Made by Spillway for ${call.cluster ?? call.instance}`],
]

/** As JSON: the short form of the CLI splits values at their commas. */
const json = (parameters: { value: object }[]): string => JSON.stringify(parameters.map(({ value }) => value))

const parameter = (ParameterName: string, ParameterValue: string | null, waits: boolean) => ({
  isSet: ParameterValue !== null,
  value: {
    ParameterName,
    ...(ParameterValue === null ? {} : { ParameterValue }),
    ApplyMethod: waits ? 'pending-reboot' : 'immediate',
  },
})

const command = (words: string[]): string => ['aws', 'rds', ...words].map(quoted).join(' ')
const ec2 = (words: string[]): string => ['aws', 'ec2', ...words].map(quoted).join(' ')

const quoted = (word: string): string =>
  /^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** `DBInstanceClass` is `db-instance-class`. */
const kebab = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
