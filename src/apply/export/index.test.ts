import hcl from 'hcl2-parser'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Operation, RdsCall, State } from '../../model/index.ts'
import { exportPlan } from './index.ts'

const HEAD = { name: 'rds:orders@eu-west-1', hash: 'a'.repeat(64) }

const rds = (call: RdsCall, after: State, before: State = {}, title = call.kind): Operation => ({
  by: 'rds',
  title,
  call,
  before,
  after,
})

const group = 'spillway-orders-postgres16'
const modify = { kind: 'modify-instance', instance: 'orders', immediately: true } as const
const OPERATIONS: Operation[] = [
  rds({ kind: 'snapshot', instance: 'orders', snapshot: 'spillway-orders-r1' }, { snapshot: 'available' }),
  rds(
    { kind: 'create-parameter-group', instance: 'orders', group, family: 'postgres16' },
    { family: 'postgres16' },
  ),
  rds(
    { kind: 'set-parameters', instance: 'orders', group, pending: ['shared_buffers'] },
    { shared_buffers: '{DBInstanceClassMemory*3/4}', search_path: `"$user", it's, \${x}` },
  ),
  rds(modify, { DBParameterGroupName: group }, { DBParameterGroupName: 'default.postgres16' }),
  rds({ ...modify, together: { Iops: '12000' } }, { AllocatedStorage: '500' }, { AllocatedStorage: '400' }),
  rds(
    modify,
    { DBInstanceClass: 'db.r6g.xlarge' },
    { DBInstanceClass: 'db.r6g.large' },
    'class\nrm -rf /' as 'restart',
  ),
  rds({ kind: 'restart', instance: 'orders' }, { parameters: 'in-sync' }),
  {
    by: 'sql',
    title: 'end session 7',
    call: { kind: 'end-session', session: { id: '7', state: 'active' } },
    before: {},
    after: {},
  },
]

/** As JSON; fails where it is none. */
function hclOf(text: string): string {
  const [found, error] = hcl.parseToString(text) as unknown as [string, unknown]
  expect(error).toBeNull()
  return found
}

test('terraform: valid HCL with what changes and nothing else', () => {
  const text = exportPlan(OPERATIONS, 'terraform', HEAD)
  const parsed = JSON.parse(hclOf(text)) as {
    resource: Record<string, Record<string, object[]>>
  } | null
  const { aws_db_instance: instances, aws_db_parameter_group: groups } = parsed!.resource
  expect(instances!.orders?.[0]).toEqual({
    identifier: 'orders',
    instance_class: 'db.r6g.xlarge',
    allocated_storage: 500,
    parameter_group_name: ['$', '{aws_db_parameter_group.spillway_orders_postgres16.name}'].join(''),
    apply_immediately: true,
  })
  expect(groups!.spillway_orders_postgres16?.[0]).toMatchObject({
    name: group,
    family: 'postgres16',
    parameter: [
      { name: 'shared_buffers', value: '{DBInstanceClassMemory*3/4}', apply_method: 'pending-reboot' },
      { name: 'search_path', apply_method: 'immediate' },
    ],
  })
})

test('cloudformation: valid YAML with what changes and nothing else', () => {
  const { Resources } = parse(exportPlan(OPERATIONS, 'cloudformation', HEAD), {
    customTags: [{ tag: '!Ref', resolve: (name: string) => ({ Ref: name }) }],
  }) as { Resources: Record<string, { Type: string; DeletionPolicy: string; Properties: object }> }
  expect(Resources.Orders).toEqual({
    Type: 'AWS::RDS::DBInstance',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      DBInstanceIdentifier: 'orders',
      DBParameterGroupName: expect.anything(),
      AllocatedStorage: '500',
      DBInstanceClass: 'db.r6g.xlarge',
    },
  })
  expect(Resources.SpillwayOrdersPostgres16).toMatchObject({
    Type: 'AWS::RDS::DBParameterGroup',
    Properties: { Family: 'postgres16', Parameters: { search_path: `"$user", it's, \${x}` } },
  })
})

describe('aws-cli', () => {
  const lines = exportPlan(OPERATIONS, 'aws-cli', HEAD).split('\n')

  test('every line is a command of it or a comment', () => {
    expect(lines.filter(line => line !== '' && !/^(?:#|set -e$|aws rds [a-z-]+ )/.test(line))).toEqual([])
  })

  test('IOPS go with storage', () => {
    expect(lines.find(line => line.includes('--allocated-storage'))).toBe(
      'aws rds modify-db-instance --db-instance-identifier orders --iops 12000 --allocated-storage 500 --apply-immediately',
    )
  })
})

test.each(['aws-cli', 'terraform', 'cloudformation'] as const)('%s of nothing is valid too', format => {
  const text = exportPlan([], format, { ...HEAD, name: 'x\ny' })
  if (format === 'terraform') expect(hclOf(text)).toBe('{}')
  if (format === 'cloudformation') expect(parse(text)).toMatchObject({ Resources: {} })
  expect(text.split('\n').filter(line => line.startsWith('y'))).toEqual([])
})
