// An account whose instances can be changed: groups with definitions, classes that are to be had.
import { type Definition, type Described, instance, type World, world } from './world.ts'

const POSTGRES: Record<string, Definition> = {
  max_connections: {
    apply: 'static',
    allowed: '6-262143',
    value: 'LEAST({DBInstanceClassMemory/9531392},5000)',
  },
  shared_buffers: { apply: 'static', allowed: '16-1073741823', value: '{DBInstanceClassMemory/32768}' },
  idle_in_transaction_session_timeout: { apply: 'dynamic', allowed: '0-2147483647', value: '86400000' },
  lock_timeout: { apply: 'dynamic', allowed: '0-2147483647' },
  statement_timeout: { apply: 'dynamic', allowed: '0-2147483647' },
  authentication_timeout: { apply: 'dynamic', allowed: '1-600' },
  superuser_reserved_connections: { apply: 'static', allowed: '0-262143', value: '3', modifiable: false },
}

const MYSQL: Record<string, Definition> = {
  max_connections: { apply: 'dynamic', allowed: '1-100000', value: '{DBInstanceClassMemory/12582880}' },
  innodb_buffer_pool_size: {
    apply: 'dynamic',
    allowed: '5242880-1125899906842624',
    value: '{DBInstanceClassMemory*3/4}',
  },
  wait_timeout: { apply: 'dynamic', allowed: '1-31536000' },
  connect_timeout: { apply: 'dynamic', allowed: '2-31536000' },
  performance_schema: { apply: 'static', allowed: '0,1', value: '1' },
}

const AURORA: Record<string, Definition> = {
  max_connections: {
    apply: 'static',
    allowed: '6-262143',
    value: 'LEAST({DBInstanceClassMemory/9531392},5000)',
  },
  log_min_duration_statement: { apply: 'dynamic', allowed: '-1-2147483647' },
}
const AURORA_CLUSTER: Record<string, Definition> = {
  max_prepared_transactions: { apply: 'static', allowed: '0-262143', value: '0' },
  idle_session_timeout: { apply: 'dynamic', allowed: '0-2147483647' },
}

const offer = (DBInstanceClass: string, more: Described = {}): Described => ({
  DBInstanceClass,
  StorageType: 'gp3',
  MultiAZCapable: true,
  ...more,
})

const inGroup = (name: string): Described => ({
  DBParameterGroups: [{ DBParameterGroupName: name, ParameterApplyStatus: 'in-sync' }],
  PreferredMaintenanceWindow: 'sun:03:00-sun:03:30',
  BackupRetentionPeriod: 7,
  AvailabilityZone: 'eu-west-1a',
  DBSubnetGroup: {
    VpcId: 'vpc-1',
    Subnets: [{ SubnetIdentifier: 'subnet-a' }, { SubnetIdentifier: 'subnet-b' }],
  },
})

const member = (id: string, cluster: string): Described =>
  instance(id, {
    ...inGroup('default.aurora-postgresql16'),
    ...{ Engine: 'aurora-postgresql', StorageType: 'aurora', DBClusterIdentifier: cluster },
  })

const cluster = (id: string, group: string, ...members: string[]): Described => ({
  DBClusterIdentifier: id,
  Engine: 'aurora-postgresql',
  Status: 'available',
  ReaderEndpoint: `${id}.cluster-ro-c9akciq32.eu-west-1.rds.amazonaws.com`,
  DBClusterParameterGroup: group,
  DBClusterMembers: members.map((DBInstanceIdentifier, i) => ({
    DBInstanceIdentifier,
    IsClusterWriter: i === 0,
    DBClusterParameterGroupStatus: 'in-sync',
  })),
})

/**
 * `orders` has the default group, `billing` one of its own, `web-1` and `web-2` share one, `shop` is a MySQL, `big` has
 * provisioned IOPS, `lake` is an Aurora. `sea-1` writes and `sea-2` reads in cluster `sea`, which has the default group; `bay`
 * has one of its own, `gulf-a` and `gulf-b` share one.
 */
export const changeable = (more: Partial<World> = {}): World =>
  world({
    instances: [
      instance('orders', inGroup('default.postgres16')),
      instance('billing', inGroup('billing-16')),
      instance('web-1', inGroup('web-16')),
      instance('web-2', inGroup('web-16')),
      instance('shop', { ...inGroup('default.mysql8.0'), Engine: 'mysql', EngineVersion: '8.0.40' }),
      instance('big', {
        ...inGroup('billing-16b'),
        AllocatedStorage: 1000,
        Iops: 12_000,
        StorageThroughput: 500,
      }),
      instance('lake', {
        ...inGroup('default.postgres16'),
        StorageType: 'aurora',
        Engine: 'aurora-postgresql',
      }),
      ...[member('sea-1', 'sea'), member('sea-2', 'sea'), member('bay-1', 'bay')],
      ...[member('gulf-a-1', 'gulf-a'), member('gulf-b-1', 'gulf-b')],
    ],
    clusters: [
      cluster('sea', 'default.aurora-postgresql16', 'sea-1', 'sea-2'),
      cluster('bay', 'bay-16', 'bay-1'),
      cluster('gulf-a', 'gulf-16', 'gulf-a-1'),
      cluster('gulf-b', 'gulf-16', 'gulf-b-1'),
    ],
    parameterGroups: {
      'default.postgres16': { family: 'postgres16', description: '', values: {} },
      'default.mysql8.0': { family: 'mysql8.0', description: '', values: {} },
      'billing-16': { family: 'postgres16', description: '', values: { lock_timeout: '5000' } },
      'billing-16b': { family: 'postgres16', description: '', values: {} },
      'default.aurora-postgresql16': { family: 'aurora-postgresql16', description: '', values: {} },
      'cluster:default.aurora-postgresql16': { family: 'aurora-postgresql16', description: '', values: {} },
      'cluster:bay-16': {
        ...{ family: 'aurora-postgresql16', description: '' },
        values: { idle_session_timeout: '60000' },
      },
      'cluster:gulf-16': { family: 'aurora-postgresql16', description: '', values: {} },
      'web-16': { family: 'postgres16', description: '', values: { statement_timeout: '9000' } },
    },
    definitions: {
      ...{ postgres16: POSTGRES, 'mysql8.0': MYSQL, 'aurora-postgresql16': AURORA },
      'cluster:aurora-postgresql16': AURORA_CLUSTER,
    },
    orderable: [
      offer('db.r6g.large'),
      offer('db.r6g.xlarge'),
      offer('db.r6g.2xlarge', { MultiAZCapable: false }),
    ],
    ...more,
  })
