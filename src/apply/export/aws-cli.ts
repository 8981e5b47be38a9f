// A plan as a shell script of AWS CLI commands, each waited for.
import type { Operation, RdsOperation } from '../../model/index.ts'
import { type Head, heading, oneLine } from './merged.ts'

export function awsCli(operations: readonly Operation[], head: Head): string {
  const lines = operations.flatMap(operation => [
    `# ${oneLine(operation.title)}${operation.outage ? ` (${oneLine(operation.outage)})` : ''}`,
    ...(operation.by === 'rds' ? commandsOf(operation) : ['#   by SQL: spillway apply']),
  ])
  return ['#!/bin/sh', ...heading(head, []).map(line => `# ${line}`), 'set -e', ...lines, ''].join('\n')
}

function commandsOf({ call, after }: RdsOperation): string[] {
  const instance = ['--db-instance-identifier', call.instance]
  const wait = command(['wait', 'db-instance-available', ...instance])
  switch (call.kind) {
    case 'snapshot':
      return [
        command(['create-db-snapshot', ...instance, '--db-snapshot-identifier', call.snapshot]),
        command(['wait', 'db-snapshot-available', '--db-snapshot-identifier', call.snapshot]),
      ]
    case 'create-parameter-group':
      return [command(call.copyOf === undefined ? created(call) : copied(call, call.copyOf))]
    case 'set-parameters': {
      const group = ['--db-parameter-group-name', call.group]
      const parameters = Object.entries(after).map(([name, value]) =>
        parameter(name, value, call.pending.includes(name)),
      )
      const [set, reset] = [parameters.filter(({ isSet }) => isSet), parameters.filter(({ isSet }) => !isSet)]
      return [
        ...(set.length > 0
          ? [command(['modify-db-parameter-group', ...group, '--parameters', json(set)])]
          : []),
        ...(reset.length > 0
          ? [command(['reset-db-parameter-group', ...group, '--parameters', json(reset)])]
          : []),
      ]
    }
    case 'modify-instance': {
      const members = Object.entries({ ...call.together, ...after }).flatMap(([name, value]) =>
        value === null ? [] : [`--${kebab(name)}`, value],
      )
      const when = call.immediately ? '--apply-immediately' : '--no-apply-immediately'
      return [command(['modify-db-instance', ...instance, ...members, when]), wait]
    }
    case 'restart':
      return [command(['reboot-db-instance', ...instance, '--no-force-failover']), wait]
  }
}

type Create = Extract<RdsOperation['call'], { kind: 'create-parameter-group' }>

const created = ({ group, family, instance }: Create): string[] => [
  'create-db-parameter-group',
  '--db-parameter-group-name',
  group,
  '--db-parameter-group-family',
  family,
  '--description',
  `Made by Spillway for ${instance}`,
]

const copied = ({ group, instance }: Create, copyOf: string): string[] => [
  'copy-db-parameter-group',
  '--source-db-parameter-group-identifier',
  copyOf,
  '--target-db-parameter-group-identifier',
  group,
  '--target-db-parameter-group-description',
  `Made by Spillway for ${instance}`,
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

const quoted = (word: string): string =>
  /^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** `DBInstanceClass` is `db-instance-class`. */
const kebab = (name: string): string =>
  name
    .replace(/^DB/, 'Db')
    .replace(/(?<!^)([A-Z])/g, '-$1')
    .toLowerCase()
