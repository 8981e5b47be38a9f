// The way of changes against another implementation of the APIs of RDS and EC2: the wire is not only our own idea of it. It is
// not strict, so that nothing here proves that AWS would take a call; what it does not know is not asked of it.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeDBProxyTargetGroupsCommand,
  DescribeDBProxyTargetsCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBParameterGroupCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { JournalEntry, Operation } from '../../src/model/index.ts'
import { apply, manual, takeBack } from '../kit/aws/applying.ts'
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
    group = await furnish(rds, ec2)
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
    await done({ max_connections: '321', restart: 'no' })
    const { Parameters = [] } = await rds.send(
      new DescribeDBParametersCommand({ DBParameterGroupName: 'pg' }),
    )
    expect(Parameters.find(one => one.ParameterName === 'max_connections')?.ParameterValue).toBe('321')
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

/** An instance in two zones of a network, with a parameter group of its own. The id of its security group. */
async function furnish(rds: RDSClient, ec2: EC2Client): Promise<string> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }))
  const VpcId = Vpc!.VpcId!
  const subnet = async (CidrBlock: string, AvailabilityZone: string) =>
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet!.SubnetId!
  const SubnetIds = [await subnet('10.9.1.0/24', 'eu-west-1a'), await subnet('10.9.2.0/24', 'eu-west-1b')]
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'db', Description: 'db', VpcId }),
  )
  const rule = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '10.9.0.0/16' }] }
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }))
  await rds.send(
    new CreateDBSubnetGroupCommand({ DBSubnetGroupName: 'sub', DBSubnetGroupDescription: 'sub', SubnetIds }),
  )
  const group = { DBParameterGroupName: 'pg', DBParameterGroupFamily: 'postgres16', Description: 'pg' }
  await rds.send(new CreateDBParameterGroupCommand(group))
  // It lists only what was set once.
  const Parameters = [
    { ParameterName: 'max_connections', ParameterValue: '300', ApplyMethod: 'pending-reboot' as const },
  ]
  await rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName: 'pg', Parameters }))
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      Engine: 'postgres',
      EngineVersion: '16.4',
      DBInstanceClass: 'db.r6g.large',
      AllocatedStorage: 100,
      BackupRetentionPeriod: 7,
      MasterUsername: 'me',
      MasterUserPassword: 'not-a-secret-1',
      DBSubnetGroupName: 'sub',
      DBParameterGroupName: 'pg',
      VpcSecurityGroupIds: [GroupId!],
      Port: 5432,
    }),
  )
  return GroupId!
}
