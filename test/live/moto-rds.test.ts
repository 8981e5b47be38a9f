// The clients of RDS, EC2 and CloudWatch against another implementation of their APIs: the wire is not only our own idea of it.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  ModifyDBParameterGroupCommand,
  RDSClient,
} from '@aws-sdk/client-rds'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { gather, rdsTarget } from '../../src/aws/index.ts'
import { hasMoto, type Moto, startMoto } from '../kit/moto.ts'
import { describeWith } from '../kit/require.ts'
import { AWS_ENV } from '../kit/token.ts'

describeWith('moto', hasMoto, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto()
    const env = {
      ...AWS_ENV,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: moto.url,
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    await furnish()
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.close()
  })

  const ask = (id: string, more: object = {}) =>
    gather(rdsTarget(`rds:${id}@eu-west-1`), { now: Date.now(), env: {}, ...more })

  test('an instance, its group, its network and its events', async () => {
    const { evidence, calls } = await ask('orders', { client: '10.9.0.7' })
    expect(evidence.target).toMatchObject({
      engine: 'postgres',
      vcpus: 4,
      instanceClass: 'db.r6g.xlarge',
      memoryBytes: 32 * 1024 ** 3,
    })
    expect(evidence.limits?.maxConnections).toBe(321)
    const network = evidence.events.filter(({ source }) => source === 'network')
    expect(network.map(({ kind }) => kind)).toEqual(['open'])
    expect(evidence.events.some(({ source }) => source === 'rds')).toBe(true)
    expect(calls['ec2:DescribeSecurityGroups']).toBe(1)
  })

  test('a client that no rule lets in', async () => {
    const { evidence } = await ask('orders', { client: '10.8.0.7' })
    const kinds = evidence.events.filter(({ source }) => source === 'network').map(({ kind }) => kind)
    expect(kinds).toContain('shut-security-group')
  })

  test('an instance that is not there', async () => {
    await expect(ask('nope')).rejects.toMatchObject({ code: 'instance-unknown' })
  })
})

/** A private network of which 10.9.0.0/16 reaches the port, and a database in it. */
async function furnish(): Promise<void> {
  const [ec2, rds] = [new EC2Client({}), new RDSClient({})]
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
  const Parameters = [
    { ParameterName: 'max_connections', ParameterValue: '321', ApplyMethod: 'pending-reboot' as const },
  ]
  await rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName: 'pg', Parameters }))
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      Engine: 'postgres',
      EngineVersion: '16.4',
      DBInstanceClass: 'db.r6g.xlarge',
      AllocatedStorage: 100,
      MasterUsername: 'me',
      MasterUserPassword: 'not-a-secret-1',
      DBSubnetGroupName: 'sub',
      DBParameterGroupName: 'pg',
      VpcSecurityGroupIds: [GroupId!],
      Port: 5432,
    }),
  )
}
