// A plan as a CloudFormation template: the properties that change, to be put into the resources that are there. Scalars stand
// as JSON strings, which YAML takes as they are.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
import { type Head, heading, type Merged, type ParameterGroup } from './merged.ts'

export function cloudFormation({ instance, members, groups, beside }: Merged, head: Head): string {
  const made = groups.filter(({ family }) => family !== undefined)
  const properties = members.map(({ name, to }) => {
    const group = name === 'DBParameterGroupName' && made.find(one => one.name === to)
    return `      ${name}: ${group ? `!Ref ${label(to)}` : JSON.stringify(to)}`
  })
  const resource =
    instance === undefined || properties.length === 0
      ? []
      : [
          `  ${label(instance)}:`,
          '    Type: AWS::RDS::DBInstance',
          '    DeletionPolicy: Retain',
          '    UpdateReplacePolicy: Retain',
          '    Properties:',
          `      DBInstanceIdentifier: ${JSON.stringify(instance)}`,
          ...properties,
        ]
  const resources = [...groups.flatMap(groupOf), ...resource]
  return [
    ...heading(head, [...beside, ...kept(groups)]).map(line => `# ${line}`),
    'AWSTemplateFormatVersion: "2010-09-09"',
    ...(resources.length > 0 ? ['Resources:', ...resources] : ['Resources: {}']),
    '',
  ].join('\n')
}

const kept = (groups: readonly ParameterGroup[]): string[] =>
  groups.flatMap(({ name, copyOf, family }) =>
    copyOf !== undefined
      ? [`what else is set in ${copyOf}, of which ${name} is a copy`]
      : family === undefined
        ? [`family, description and other parameters of ${name}`]
        : [],
  )

const groupOf = ({ name, family, parameters }: ParameterGroup): string[] => [
  `  ${label(name)}:`,
  '    Type: AWS::RDS::DBParameterGroup',
  '    DeletionPolicy: Retain',
  '    UpdateReplacePolicy: Retain',
  '    Properties:',
  `      DBParameterGroupName: ${JSON.stringify(name)}`,
  ...(family === undefined
    ? []
    : [`      Family: ${JSON.stringify(family)}`, '      Description: "Made by Spillway"']),
  '      Parameters:',
  ...parameters.map(one => `        ${JSON.stringify(one.name)}: ${JSON.stringify(one.value)}`),
]

/** Letters and digits only. */
const label = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map(word => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
