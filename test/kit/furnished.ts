// A private network of moto's, and a PostgreSQL in two zones of it, with a parameter group of its own.
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  CreateDBParameterGroupCommand,
  CreateDBSubnetGroupCommand,
  ModifyDBParameterGroupCommand,
  type Parameter,
  RDSClient,
} from '@aws-sdk/client-rds'

export interface Furniture {
  /** Ports that 10.9.0.0/16 reaches. */
  ports: [number, number]
  /** Of its group: moto lists only what was set once. */
  parameter: Parameter
  more?: Partial<CreateDBInstanceCommandInput>
}

/** The id of its security group. */
export async function furnish({ ports: [FromPort, ToPort], parameter, more }: Furniture): Promise<string> {
  const [ec2, rds] = [new EC2Client({}), new RDSClient({})]
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }))
  const VpcId = Vpc!.VpcId!
  const subnet = async (CidrBlock: string, AvailabilityZone: string) =>
    (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet!.SubnetId!
  const SubnetIds = [await subnet('10.9.1.0/24', 'eu-west-1a'), await subnet('10.9.2.0/24', 'eu-west-1b')]
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'db', Description: 'db', VpcId }),
  )
  const rule = { IpProtocol: 'tcp', FromPort, ToPort, IpRanges: [{ CidrIp: '10.9.0.0/16' }] }
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [rule] }))
  await rds.send(
    new CreateDBSubnetGroupCommand({ DBSubnetGroupName: 'sub', DBSubnetGroupDescription: 'sub', SubnetIds }),
  )
  const group = { DBParameterGroupName: 'pg', DBParameterGroupFamily: 'postgres16', Description: 'pg' }
  await rds.send(new CreateDBParameterGroupCommand(group))
  await rds.send(new ModifyDBParameterGroupCommand({ DBParameterGroupName: 'pg', Parameters: [parameter] }))
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      Engine: 'postgres',
      EngineVersion: '16.4',
      DBInstanceClass: 'db.r6g.large',
      AllocatedStorage: 100,
      MasterUsername: 'me',
      MasterUserPassword: 'not-a-secret-1',
      DBSubnetGroupName: 'sub',
      DBParameterGroupName: 'pg',
      VpcSecurityGroupIds: [GroupId!],
      Port: 5432,
      ...more,
    }),
  )
  return GroupId!
}
