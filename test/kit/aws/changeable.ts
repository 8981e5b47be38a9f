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

const offer = (DBInstanceClass: string, more: Described = {}): Described => ({
  DBInstanceClass,
  StorageType: 'gp3',
  MultiAZCapable: true,
  ...more,
})

const inGroup = (name: string): Described => ({
  DBParameterGroups: [{ DBParameterGroupName: name, ParameterApplyStatus: 'in-sync' }],
  PreferredMaintenanceWindow: 'sun:03:00-sun:03:30',
})

/**
 * `orders` has the default group, `billing` one of its own, `web-1` and `web-2` share one, `shop` is a MySQL, `big` has
 * provisioned IOPS, `lake` is an Aurora.
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
    ],
    parameterGroups: {
      'default.postgres16': { family: 'postgres16', description: '', values: {} },
      'default.mysql8.0': { family: 'mysql8.0', description: '', values: {} },
      'billing-16': { family: 'postgres16', description: '', values: { lock_timeout: '5000' } },
      'billing-16b': { family: 'postgres16', description: '', values: {} },
      'web-16': { family: 'postgres16', description: '', values: { statement_timeout: '9000' } },
    },
    definitions: { postgres16: POSTGRES, 'mysql8.0': MYSQL },
    orderable: [
      offer('db.r6g.large'),
      offer('db.r6g.xlarge'),
      offer('db.r6g.2xlarge', { MultiAZCapable: false }),
    ],
    ...more,
  })
