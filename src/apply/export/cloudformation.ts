// A plan as a CloudFormation template: the properties that change, to be put into the resources that are there. Scalars stand
// as JSON strings, which YAML takes as they are.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
import { madeOf } from './cloudformation-made.ts'
import { type Head, heading, type Merged, type ParameterGroup } from './merged.ts'
import { label, retained } from './resource.ts'

export function cloudFormation(merged: Merged, head: Head): string {
  const { instance, members, groups, cluster, beside } = merged
  const made = groups.filter(({ family }) => family !== undefined)
  const properties = members.map(({ name, to }) => {
    const group = name === 'DBParameterGroupName' && made.find(one => one.name === to && !one.isCluster)
    return `      ${name}: ${group ? `!Ref ${label(to)}` : JSON.stringify(to)}`
  })
  const resource =
    instance === undefined || properties.length === 0
      ? []
      : [...retained(instance, 'AWS::RDS::DBInstance', [['DBInstanceIdentifier', instance]]), ...properties]
  const shared =
    cluster === undefined
      ? []
      : retained(cluster.id, 'AWS::RDS::DBCluster', [
          ['DBClusterIdentifier', cluster.id],
          ['DBClusterParameterGroupName', cluster.group],
        ])
  const resources = [...groups.flatMap(groupOf), ...shared, ...resource, ...madeOf(merged.made)]
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

const groupOf = ({ name, isCluster, family, parameters }: ParameterGroup): string[] => [
  ...retained(name, `AWS::RDS::DB${isCluster ? 'Cluster' : ''}ParameterGroup`, [
    [isCluster ? 'DBClusterParameterGroupName' : 'DBParameterGroupName', name],
    ...(family === undefined
      ? []
      : [['Family', family] as const, ['Description', 'Made by Spillway'] as const]),
  ]),
  '      Parameters:',
  ...parameters.map(one => `        ${JSON.stringify(one.name)}: ${JSON.stringify(one.value)}`),
]
