// What is there in the account of the fake: described resources, and for each database the incident it went through.
import type { Evidence } from '../../../src/model/index.ts'
import type { Value } from './xml.ts'

export type Described = Record<string, Value>

/** A parameter group that can be changed. */
export interface Group {
  family: string
  description: string
  /** What somebody has set. */
  values: Record<string, string>
}

/** A parameter as its family defines it. */
export interface Definition {
  apply: 'static' | 'dynamic'
  allowed?: string
  /** Of the family; absent: the engine's own. */
  value?: string
  modifiable?: false
}

export interface World {
  region: string
  keys: { id: string; secret: string }
  /** The clock of AWS, milliseconds ahead of this machine's. */
  aheadMs: number
  instances: Described[]
  clusters: Described[]
  /** Parameters by the name of their group; a cluster's are named `cluster:NAME`. */
  parameters: Record<string, Record<string, string>>
  /** Groups that can be changed, by name; those of `parameters` can only be read. */
  parameterGroups: Record<string, Group>
  /** Parameters by family and name. */
  definitions: Record<string, Record<string, Definition>>
  orderable: Described[]
  snapshots: Described[]
  /** Looks that an instance goes on being busy for. */
  busy: Map<string, number>
  /** Nothing that is under way ends. */
  stuck: boolean
  /** What something comes to instead of being available: a state of an instance or proxy, `target:PROXY` its reason. */
  fates: Record<string, string>
  quota: { instances: number; proxies: number; rules: number }
  /** Instances whose storage was changed less than six hours ago. */
  storageChanged: Set<string>
  /** Told when something has come into effect. */
  changed?: (instance: Described, was: string) => void
  events: { source: string; at: number; message: string; categories: string[] }[]
  /** Server logs by instance. */
  logs: Record<string, { name: string; text: string; writtenAt: number }[]>
  /** Published logs by their group. */
  groups: Record<string, { stream: string; at: number; message: string }[]>
  proxies: { proxy: Described; group: Described; targets: Described[] }[]
  network: {
    groups: Described[]
    acls: Described[]
    routes: Described[]
    subnets: Described[]
    vpcs: Record<string, boolean>
    /** Addresses by the id of their prefix list. */
    lists: Record<string, string[]>
  }
  /** Metrics that are no signals: by the value of their dimension, a level at all times. */
  levels: Record<string, Record<string, number>>
  /** What happened, by DBInstanceIdentifier. */
  incidents: Record<string, Evidence>
  /** Actions that are not permitted. */
  denied: Set<string>
  /** Times that an action is throttled before it is answered. */
  throttled: Map<string, number>
  expired: boolean
  /** Actions that never get an answer. */
  silent: Set<string>
  /** Times that an action is done, and its answer lost on the way. */
  lost: Map<string, number>
}

export const world = (more: Partial<World> = {}): World => ({
  region: 'eu-west-1',
  keys: { id: 'AKIAFAKE', secret: 'fake-secret-key' },
  aheadMs: 0,
  instances: [],
  clusters: [],
  parameters: {},
  parameterGroups: {},
  definitions: {},
  orderable: [],
  snapshots: [],
  busy: new Map(),
  stuck: false,
  fates: {},
  quota: { instances: 40, proxies: 20, rules: 60 },
  storageChanged: new Set(),
  events: [],
  logs: {},
  groups: {},
  proxies: [],
  network: openNetwork(),
  levels: {},
  incidents: {},
  denied: new Set(),
  throttled: new Map(),
  expired: false,
  silent: new Set(),
  lost: new Map(),
  ...more,
})

/** A private network in which 10.0.0.0/16 reaches port 5432. */
function openNetwork(): World['network'] {
  const any = (egress: boolean) => ({
    egress,
    ruleNumber: 100,
    ruleAction: 'allow',
    protocol: '-1',
    cidrBlock: '0.0.0.0/0',
  })
  const rule = { ipProtocol: 'tcp', fromPort: 5432, toPort: 5432, ipRanges: [{ cidrIp: '10.0.0.0/16' }] }
  const route = { destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' }
  return {
    groups: [{ groupId: 'sg-db', ipPermissions: [rule] }],
    acls: [{ networkAclId: 'acl-1', filter: 'subnet-a', entrySet: [any(false), any(true)] }],
    routes: [{ routeTableId: 'rtb-1', filter: 'vpc-1', associationSet: [{ main: true }], routeSet: [route] }],
    subnets: ['a', 'b'].map(zone => ({
      subnetId: `subnet-${zone}`,
      vpcId: 'vpc-1',
      cidrBlock: `10.0.${zone === 'a' ? 1 : 2}.0/24`,
      availabilityZone: `eu-west-1${zone}`,
      availableIpAddressCount: 250,
    })),
    vpcs: { enableDnsSupport: true, enableDnsHostnames: true },
    lists: {},
  }
}

/** A PostgreSQL instance of the usual kind, as DescribeDBInstances shows it. */
export const instance = (id: string, more: Described = {}): Described => ({
  DBInstanceIdentifier: id,
  DBInstanceArn: `arn:aws:rds:eu-west-1:123456789012:db:${id}`,
  DbiResourceId: `db-${id.toUpperCase().replaceAll('-', '')}`,
  DBInstanceClass: 'db.r6g.large',
  Engine: 'postgres',
  EngineVersion: '16.4',
  DBInstanceStatus: 'available',
  Endpoint: { Address: `${id}.c9akciq32.eu-west-1.rds.amazonaws.com`, Port: 5432 },
  AllocatedStorage: 200,
  StorageType: 'gp3',
  PubliclyAccessible: false,
  PerformanceInsightsEnabled: true,
  PerformanceInsightsRetentionPeriod: 7,
  DBParameterGroups: [{ DBParameterGroupName: 'pg16', ParameterApplyStatus: 'in-sync' }],
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-db', Status: 'active' }],
  DBSubnetGroup: { VpcId: 'vpc-1', Subnets: [{ SubnetIdentifier: 'subnet-a' }] },
  ...more,
})

/** The same evidence, moved in time so that it ends at `to`. */
export function moved(evidence: Evidence, to: number): Evidence {
  const by = to - evidence.to
  const shift = <T extends { t: number }>(all: T[]) => all.map(one => ({ ...one, t: one.t + by }))
  return {
    ...evidence,
    from: evidence.from + by,
    to,
    ...(evidence.window ? { window: { from: evidence.window.from + by, to: evidence.window.to + by } } : {}),
    ticks: shift(evidence.ticks),
    probes: shift(evidence.probes),
    failures: shift(evidence.failures),
    statements: shift(evidence.statements),
    events: shift(evidence.events),
  }
}
