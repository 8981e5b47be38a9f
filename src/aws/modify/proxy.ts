// RDS Proxy before the database: what it takes, what speaks against it, and the calls.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html
import type { SecurityGroup, Subnet } from '@aws-sdk/client-ec2'
import type { ConnectionPoolConfigurationInfo, DBProxy } from '@aws-sdk/client-rds'
import type { ProxyWish as Known, RdsOperation, State, Step } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'
import { proxiesOf } from '../describe/proxy.ts'
import { poolOf, proxyNamed, targetsOf } from './act/proxy.ts'
import { groupsNamed, letsIn } from './rule.ts'

export interface ProxyWish extends Known {
  /** Otherwise one that nobody has. */
  name?: string
}

export interface ProxyStanding {
  name: string
  /** The one of that name that there is, the pool that it has, and what it is before. */
  there?: { proxy: DBProxy; pool: ConnectionPoolConfigurationInfo; isBefore: 'it' | 'nothing' | 'another' }
  subnets: Subnet[]
  groups: SecurityGroup[]
  /** Of the database, where it is known. */
  maxConnections?: number
  /** Proxies that are before it, where nobody said which is meant. */
  others: string[]
}

const NAME = /^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$/i
const SECRET = /^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:\S+$/
const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/
/** What a client waits for a connection if nobody says otherwise, seconds; AWS: 120, longer than most clients do. */
const BORROW_S = 30
const MOST_BORROW_S = 300
const ZONES = 2
const MOST_NAMES = 20

/** Throws AppError. */
export async function proxyStanding(
  account: Account,
  database: Database,
  wish: ProxyWish,
  maxConnections: number | undefined,
  signal?: AbortSignal,
): Promise<ProxyStanding> {
  const name = wish.name ?? (await freeName(account, `${database.id.slice(0, 54)}-proxy`, signal))
  const proxy = wish.name === undefined ? undefined : await proxyNamed(account, name, signal)
  const { DescribeSubnetsCommand } = await import('@aws-sdk/client-ec2')
  const SubnetIds = wish.subnets ?? database.network.subnetIds
  const { Subnets = [] } =
    proxy || SubnetIds.length === 0
      ? {}
      : await account.call(
          'ec2:DescribeSubnets',
          (ec2, o) => ec2.send(new DescribeSubnetsCommand({ SubnetIds }), o),
          signal,
        )
  return {
    name,
    ...(proxy ? { there: await thereOf(account, proxy, name, database, signal) } : {}),
    subnets: Subnets,
    groups: await groupsNamed(account, database.network.securityGroupIds, signal),
    others:
      wish.name === undefined ? (await proxiesOf(account, database, 0, signal)).map(one => one.name) : [],
    ...(maxConnections === undefined ? {} : { maxConnections }),
  }
}

async function freeName(account: Account, base: string, signal?: AbortSignal): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    if ((await proxyNamed(account, name, signal)) === undefined || n > MOST_NAMES) return name
  }
}

async function thereOf(
  account: Account,
  proxy: DBProxy,
  name: string,
  { id, cluster }: Database,
  signal?: AbortSignal,
): Promise<NonNullable<ProxyStanding['there']>> {
  const targets = await targetsOf(account, name, signal)
  const isIts = targets.some(
    one => one.RdsResourceId === id || (cluster !== undefined && one.TrackedClusterId === cluster.id),
  )
  const isBefore = isIts ? 'it' : targets.length > 0 ? 'another' : 'nothing'
  return { proxy, pool: await poolOf(account, name, signal), isBefore }
}

/** Pure, like all below. */
export function proxyReasons(database: Database, standing: ProxyStanding, wish: ProxyWish): string[] {
  const { name, there, maxConnections: most } = standing
  const { size, percent, borrowS } = wish
  return [
    ...(NAME.test(name) ? [] : [`${name} is no name of a proxy`]),
    ...(database.replicaOf === undefined
      ? []
      : [`RDS Proxy takes no read replica as its target, and it is one of ${database.replicaOf}`]),
    ...(size !== undefined && most === undefined
      ? ['how many connections it takes is not known: give proxy_percent instead of proxy_size']
      : []),
    ...(size !== undefined && most !== undefined && (size < 1 || size > most)
      ? [`a pool of ${size}, and it takes ${most} connections`]
      : []),
    ...(percent !== undefined && (percent < 1 || percent > 100)
      ? [`percent are 1 to 100, not ${percent}`]
      : []),
    ...(borrowS !== undefined && borrowS > MOST_BORROW_S
      ? [`a client waits ${MOST_BORROW_S} s at most, not ${borrowS}`]
      : []),
    ...(there ? reasonsAgainstThat(database, standing) : reasonsAgainstNew(database, standing, wish)),
  ]
}

function reasonsAgainstThat(database: Database, { name, there }: ProxyStanding): string[] {
  if (there?.isBefore === 'it') return []
  const { EngineFamily, VpcId } = there?.proxy ?? {}
  return [
    ...(there?.isBefore === 'another' ? [`proxy ${name} is before another database, and takes one`] : []),
    ...(EngineFamily === familyOf(database) ? [] : [`proxy ${name} is for ${EngineFamily}`]),
    ...(VpcId === database.network.vpcId ? [] : [`proxy ${name} is in another network, ${VpcId}`]),
  ]
}

function reasonsAgainstNew(
  { network }: Database,
  { subnets, others }: ProxyStanding,
  wish: ProxyWish,
): string[] {
  const { secret, role } = wish
  const missing = [
    ...(secret === undefined ? ['--set proxy_secret=ARN (a login in Secrets Manager)'] : []),
    ...(role === undefined ? ['--set proxy_role=ARN (a role that may read it)'] : []),
  ]
  const zones = new Set(subnets.map(one => one.AvailabilityZone))
  const foreign = subnets.filter(({ VpcId }) => VpcId !== network.vpcId)
  const full = subnets.filter(one => one.AvailableIpAddressCount === 0)
  const ids = (some: Subnet[]) => some.map(one => one.SubnetId).join(', ')
  return [
    ...others.map(name => `proxy ${name} is before it already: --set proxy=${name} sets its pool`),
    ...(missing.length > 0 ? [`a proxy takes ${missing.join(' and ')}`] : []),
    ...(secret === undefined || SECRET.test(secret) ? [] : [`${secret} is no ARN of a secret`]),
    ...(role === undefined || ROLE.test(role) ? [] : [`${role} is no ARN of a role`]),
    ...(zones.size >= ZONES ? [] : ['a proxy takes subnets in two zones: proxy_subnets=subnet-…,subnet-…']),
    ...(foreign.length > 0 ? [`${ids(foreign)} is not in its network ${network.vpcId}`] : []),
    ...(full.length > 0 ? [`${ids(full)} has no free address`] : []),
  ]
}

const familyOf = ({ engine }: Database): 'POSTGRESQL' | 'MYSQL' =>
  engine === 'postgres' ? 'POSTGRESQL' : 'MYSQL'

/** `opened`: whom the same plan lets in. */
export function proxyNotes(
  database: Database,
  standing: ProxyStanding,
  opened: string | undefined,
): string[] {
  const { name, there, groups, subnets } = standing
  const { network, endpoint } = database
  const own = network.securityGroupIds
  const port = endpoint?.port ?? 0
  const isLetIn =
    own.some(id => id === opened || letsIn(groups, port, id) !== undefined) ||
    (subnets.length > 0 &&
      subnets.every(({ CidrBlock = '' }) => letsIn(groups, port, CidrBlock) !== undefined))
  const open =
    there?.proxy.RequireTLS === false
      ? [
          `proxy ${name} takes clients without TLS: aws rds modify-db-proxy --db-proxy-name ${name} --require-tls`,
        ]
      : []
  if (there?.isBefore === 'it') return [`proxy ${name} is before it already: only its pool is set`, ...open]
  return [
    ...open,
    `nothing goes through ${name} before the applications are pointed to its endpoint`,
    ...(there || isLetIn
      ? []
      : [
          `${name} gets ${own.join(', ')}, which does not let itself in: --set allow=${own[0] ?? 'sg-…'} does`,
        ]),
  ]
}

/** `by`: which plan made it, as its tag says. */
export function proxyOperations(
  database: Database,
  standing: ProxyStanding,
  wish: ProxyWish,
  by: string,
): RdsOperation[] {
  const { name, there, subnets } = standing
  const { id, network, cluster } = database
  const { secret = '', role = '' } = wish
  const family = familyOf(database)
  const tls = wish.tls !== false
  const made: RdsOperation = {
    by: 'rds',
    title: `proxy ${name} in ${subnets.map(one => one.SubnetId).join(', ')}, TLS ${tls ? '' : 'not '}required`,
    call: {
      ...{ kind: 'create-proxy', instance: id, proxy: name, family, role, secret, tls, tag: by },
      subnets: subnets.map(one => one.SubnetId ?? ''),
      groups: network.securityGroupIds,
    },
    before: { [name]: null },
    after: { [name]: family },
    irreversible: `${name} stays, and costs money: aws rds delete-db-proxy --db-proxy-name ${name} removes it`,
  }
  const target: RdsOperation = {
    by: 'rds',
    title: `${cluster?.id ?? id} behind proxy ${name}`,
    call: {
      ...{ kind: 'proxy-target', instance: id, proxy: name },
      ...(cluster === undefined ? {} : { cluster: cluster.id }),
    },
    before: { target: null },
    after: { target: cluster?.id ?? id },
    waits: 'applications that are pointed to it',
  }
  return [
    ...(there ? [] : [made]),
    ...poolOperation(id, standing, wish),
    ...(there?.isBefore === 'it' ? [] : [target]),
  ]
}

/** Of a proxy that is there only what somebody asked for; half of the pool may idle, as AWS has it. */
function poolOperation(instance: string, standing: ProxyStanding, wish: ProxyWish): RdsOperation[] {
  const { name, there, maxConnections: most } = standing
  const { size, borrowS } = wish
  const pool = there?.pool ?? {}
  const asked = size === undefined || most === undefined ? undefined : Math.ceil((100 * size) / most)
  const percent = wish.percent ?? asked ?? pool.MaxConnectionsPercent ?? 100
  const after: State = {
    MaxConnectionsPercent: String(percent),
    MaxIdleConnectionsPercent: String(Math.ceil(percent / 2)),
    ConnectionBorrowTimeout: String(borrowS ?? pool.ConnectionBorrowTimeout ?? BORROW_S),
  }
  const now: State = {
    MaxConnectionsPercent: String(pool.MaxConnectionsPercent),
    MaxIdleConnectionsPercent: String(pool.MaxIdleConnectionsPercent),
    ConnectionBorrowTimeout: String(pool.ConnectionBorrowTimeout),
  }
  if (there && Object.entries(after).every(([member, value]) => now[member] === value)) return []
  const connections = most === undefined ? '' : `${Math.floor((percent * most) / 100)} connections, `
  return [
    {
      by: 'rds',
      title: `pool of proxy ${name}: ${connections}${percent} % of max_connections, clients wait ${after.ConnectionBorrowTimeout} s`,
      call: { kind: 'proxy-pool', instance, proxy: name },
      // Of one that is made first nothing is there before.
      before: there ? now : {},
      after,
    },
  ]
}

export const proxyStep = ({ name, subnets, there }: ProxyStanding, wish: ProxyWish): Step => {
  const { name: _, ...known } = wish
  const found = there ? {} : { subnets: subnets.map(one => one.SubnetId ?? '') }
  return {
    actuator: 'rds',
    what: { kind: 'proxy', ...found, ...known },
    before: null,
    after: name,
    reversible: false,
    outage: 'none',
    verify: ['api'],
  }
}
