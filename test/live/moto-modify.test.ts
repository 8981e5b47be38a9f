// The way of changes against another implementation of the APIs of RDS and EC2: the wire is not only our own idea of it. It is
// not strict, so that nothing here proves that AWS would take a call; what it does not know is not asked of it.
import { DescribeSecurityGroupsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeDBProxyTargetGroupsCommand,
  DescribeDBProxyTargetsCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { JournalEntry, Operation } from '../../src/model/index.ts'
import { apply, manual, takeBack } from '../kit/aws/applying.ts'
import { furnish } from '../kit/furnished.ts'
import { hasMoto, type Moto, startMoto } from '../kit/moto.ts'
import { describeWith } from '../kit/require.ts'
import { AWS_ENV } from '../kit/token.ts'

describeWith('moto', hasMoto, () => {
  let moto: Moto
  let rds: RDSClient
  let ec2: EC2Client
  let group: string
  beforeAll(async () => {
    moto = await startMoto()
    const env = {
      ...AWS_ENV,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: moto.url,
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    rds = new RDSClient({})
    ec2 = new EC2Client({})
    group = await furnish({
      // Of two rules for the same ports it revokes the wrong one.
      ports: [5000, 6000],
      parameter: { ParameterName: 'lock_timeout', ParameterValue: '9000', ApplyMethod: 'immediate' },
      more: { BackupRetentionPeriod: 7 },
    })
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.close()
  })

  const described = async (id = 'orders') =>
    (await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))).DBInstances![0]!
  const done = async (settings: Record<string, string>): Promise<JournalEntry[]> => {
    const entries: JournalEntry[] = []
    const { operations } = await manual('orders', settings)
    expect(await apply('orders', operations, { entries })).toMatchObject({ outcome: 'in-place' })
    return entries
  }

  test('a parameter, in the group of its own', async () => {
    await done({ lock_timeout: '3000' })
    const { Parameters = [] } = await rds.send(
      new DescribeDBParametersCommand({ DBParameterGroupName: 'pg' }),
    )
    expect(Parameters.find(one => one.ParameterName === 'lock_timeout')?.ParameterValue).toBe('3000')
  })

  test('storage, its ceiling, and a snapshot before', async () => {
    await done({ storage: '120', ceiling: '200', snapshot: 'yes' })
    expect(await described()).toMatchObject({ AllocatedStorage: 120, MaxAllocatedStorage: 200 })
    const { DBSnapshots = [] } = await rds.send(
      new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'orders' }),
    )
    expect(DBSnapshots.map(one => one.DBSnapshotIdentifier)).toContain('spillway-orders-r1')
  })

  test('a class, and back', async () => {
    // What classes there are for this engine it does not say.
    const operation: Operation = {
      by: 'rds',
      title: 'class',
      call: { kind: 'modify-instance', instance: 'orders', immediately: true },
      before: { DBInstanceClass: 'db.r6g.large' },
      after: { DBInstanceClass: 'db.r6g.xlarge' },
    }
    const entries: JournalEntry[] = []
    await apply('orders', [operation], { entries })
    expect((await described()).DBInstanceClass).toBe('db.r6g.xlarge')
    expect((await takeBack('orders', entries)).outcome).toBe('rolled-back')
    expect((await described()).DBInstanceClass).toBe('db.r6g.large')
  })

  test('a read replica with the groups of its source', async () => {
    await done({ replica: 'yes' })
    const made = await described('orders-reader')
    expect(made.ReadReplicaSourceDBInstanceIdentifier).toBe('orders')
    expect(made.DBInstanceClass).toBe('db.r6g.large')
  })

  test('a client let in, and shut out again', async () => {
    const sources = async () => {
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [group] }))
      return (SecurityGroups[0]?.IpPermissions ?? []).flatMap(one =>
        (one.IpRanges ?? []).map(({ CidrIp, Description }) => [CidrIp, Description]),
      )
    }
    const before = await sources()
    const entries = await done({ allow: '192.168.1.5' })
    expect(await sources()).toContainEqual(['192.168.1.5/32', expect.stringContaining('Spillway')])
    expect((await takeBack('orders', entries)).outcome).toBe('rolled-back')
    expect(await sources()).toEqual(before)
  })

  test('a proxy with its pool, before the database', async () => {
    await done({
      proxy: 'yes',
      proxy_percent: '40',
      proxy_secret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf',
      proxy_role: 'arn:aws:iam::123456789012:role/proxy',
    })
    const named = { DBProxyName: 'orders-proxy' }
    const { TargetGroups = [] } = await rds.send(new DescribeDBProxyTargetGroupsCommand(named))
    expect(TargetGroups[0]?.ConnectionPoolConfig).toMatchObject({
      MaxConnectionsPercent: 40,
      MaxIdleConnectionsPercent: 20,
      ConnectionBorrowTimeout: 30,
    })
    const { Targets = [] } = await rds.send(new DescribeDBProxyTargetsCommand(named))
    expect(Targets.map(one => one.RdsResourceId)).toEqual(['orders'])
  })
})
