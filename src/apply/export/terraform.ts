// A plan in HCL for the AWS provider of Terraform: the arguments that change, to be put into the resources that are there.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/db_instance
import { label, text } from './hcl.ts'
import { type Head, heading, type Merged, oneLine, type ParameterGroup } from './merged.ts'
import { madeOf } from './terraform-made.ts'

const ARGUMENTS: Record<string, { name: string; isNumber?: true }> = {
  DBInstanceClass: { name: 'instance_class' },
  AllocatedStorage: { name: 'allocated_storage', isNumber: true },
  MaxAllocatedStorage: { name: 'max_allocated_storage', isNumber: true },
  Iops: { name: 'iops', isNumber: true },
  StorageThroughput: { name: 'storage_throughput', isNumber: true },
  StorageType: { name: 'storage_type' },
  DBParameterGroupName: { name: 'parameter_group_name' },
}

export function terraform(merged: Merged, head: Head): string {
  const { instance, immediately, members, groups, beside } = merged
  const made = groups.filter(({ family }) => family !== undefined)
  const lines = members.map(({ name, from, to }) => {
    const argument = ARGUMENTS[name]
    if (!argument) return `  # ${name} = ${oneLine(to)}`
    const group = name === 'DBParameterGroupName' && made.find(one => one.name === to && !one.isCluster)
    const value = group ? `aws_db_parameter_group.${label(to)}.name` : argument.isNumber ? to : text(to)
    return `  ${argument.name} = ${value} # was ${oneLine(from ?? 'not set')}`
  })
  const resource =
    instance === undefined || lines.length === 0
      ? []
      : [
          '# Into the resource of the instance that is there; everything else in it stays as it is.',
          `resource "aws_db_instance" ${text(label(instance))} {`,
          `  identifier = ${text(instance)}`,
          ...lines,
          `  apply_immediately = ${immediately}`,
          '}',
          '',
        ]
  return [
    ...heading(head, beside).map(line => `# ${line}`),
    '',
    ...groups.flatMap(groupOf),
    ...clusterOf(merged),
    ...resource,
    ...merged.made.flatMap(madeOf),
  ].join('\n')
}

function clusterOf({ cluster, groups }: Merged): string[] {
  if (!cluster) return []
  const made = groups.some(one => one.isCluster && one.family !== undefined && one.name === cluster.group)
  const group = made ? `aws_rds_cluster_parameter_group.${label(cluster.group)}.name` : text(cluster.group)
  return [
    '# Into the resource of the cluster that is there; everything else in it stays as it is.',
    `resource "aws_rds_cluster" ${text(label(cluster.id))} {`,
    `  cluster_identifier = ${text(cluster.id)}`,
    `  db_cluster_parameter_group_name = ${group}`,
    '  apply_immediately = true',
    '}',
    '',
  ]
}

function groupOf({ name, isCluster, family, copyOf, parameters }: ParameterGroup): string[] {
  const kind = isCluster ? 'aws_rds_cluster_parameter_group' : 'aws_db_parameter_group'
  return [
    ...(family === undefined ? ['# Into the parameter group that is there.'] : []),
    ...(copyOf === undefined ? [] : [`# With everything that is set in ${oneLine(copyOf)} as well.`]),
    `resource ${text(kind)} ${text(label(name))} {`,
    `  name = ${text(name)}`,
    ...(family === undefined ? [] : [`  family = ${text(family)}`]),
    ...parameters.flatMap(({ name: parameter, value, method }) => [
      '  parameter {',
      `    name = ${text(parameter)}`,
      `    value = ${text(value)}`,
      `    apply_method = ${text(method)}`,
      '  }',
    ]),
    '}',
    '',
  ]
}
