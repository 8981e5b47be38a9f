// The ceilings of the server, as its parameter groups set them.
import type { Parameter } from '@aws-sdk/client-rds'
import type { Limits } from '../../model/index.ts'
import type { Account } from '../account/index.ts'
import { largerThan, type Shape } from '../catalog/index.ts'
import { auroraMysqlConnections } from '../catalog/max-connections.ts'
import { memoryForDatabase } from '../catalog/memory.ts'
import type { Database } from './database.ts'
import { evaluate } from './formula.ts'

export interface Ceilings {
  limits: Limits
  /** The value is worked out from memory that AWS does not publish, a few percent off. */
  estimated: boolean
  /** Where it follows the class: what the next larger ones of its family have. */
  larger: { instanceClass: string; maxConnections: number }[]
  /** `log_line_prefix`, where the group sets one. */
  logPrefix?: string
}

const NAMES = [
  'max_connections',
  'superuser_reserved_connections',
  'reserved_connections',
  'rds.rds_superuser_reserved_connections',
  'log_line_prefix',
]

/** Undefined where the groups do not say how many connections there may be. Throws AppError. */
export async function ceilingsOf(
  account: Account,
  database: Database,
  shape: Shape | undefined,
  signal?: AbortSignal,
): Promise<Ceilings | undefined> {
  const values = await valuesOf(account, database, signal)
  const raw = values.get('max_connections')
  const maxConnections = connectionsOf(raw, database, shape)
  if (maxConnections === undefined) return undefined
  const prefix = values.get('log_line_prefix')
  return {
    limits: { maxConnections, reserved: reservedOf(values, database) },
    estimated: !/^\d+$/.test(raw ?? ''),
    larger: largerThan(database.instanceClass).flatMap(bigger => {
      const more = connectionsOf(raw, { ...database, instanceClass: bigger.name }, bigger.shape)
      return more !== undefined && more > maxConnections
        ? [{ instanceClass: bigger.name, maxConnections: more }]
        : []
    }),
    ...(prefix === undefined ? {} : { logPrefix: prefix }),
  }
}

/** What the instance's group says counts before what the cluster's says. */
async function valuesOf(
  account: Account,
  database: Database,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const { cluster, parameterGroup } = database
  const ofCluster = cluster?.parameterGroup
    ? await parametersOf(account, 'cluster', cluster.parameterGroup, signal)
    : []
  const ofInstance = parameterGroup
    ? await parametersOf(account, 'instance', parameterGroup.name, signal)
    : []
  const known = new Map<string, string>()
  for (const { ParameterName: name, ParameterValue: value } of [...ofCluster, ...ofInstance])
    if (name !== undefined && value !== undefined) known.set(name, value)
  return known
}

async function parametersOf(
  account: Account,
  of: 'instance' | 'cluster',
  group: string,
  signal?: AbortSignal,
): Promise<Parameter[]> {
  const { DescribeDBParametersCommand, DescribeDBClusterParametersCommand } = await import(
    '@aws-sdk/client-rds'
  )
  const Filters = [{ Name: 'parameter-name', Values: NAMES }]
  const { Parameters = [] } =
    of === 'instance'
      ? await account.call(
          'rds:DescribeDBParameters',
          (rds, options) =>
            rds.send(new DescribeDBParametersCommand({ DBParameterGroupName: group, Filters }), options),
          signal,
        )
      : await account.call(
          'rds:DescribeDBClusterParameters',
          (rds, options) =>
            rds.send(
              new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: group, Filters }),
              options,
            ),
          signal,
        )
  return Parameters
}

/** Aurora MySQL rounds its formula to steps: there the table of its page counts. */
function connectionsOf(
  raw: string | undefined,
  database: Database,
  shape: Shape | undefined,
): number | undefined {
  if (raw !== undefined && /^\d+$/.test(raw)) return Number(raw)
  if (database.product === 'aurora-mysql') return auroraMysqlConnections(database)
  if (raw === undefined || shape === undefined) return undefined
  return evaluate(raw, {
    DBInstanceClassMemory: memoryForDatabase(shape.memoryBytes),
    DBInstanceVCPU: shape.vcpus,
    AllocatedStorage: database.storage.gib * 1024 ** 3,
  })
}

const DEFAULT_SUPERUSER_RESERVED = 3
const DEFAULT_RDS_RESERVED = 2
const RESERVED_CONNECTIONS_SINCE = 16

/** Slots that only the superuser and RDS's own roles can take; MySQL keeps its one beside the limit. */
function reservedOf(values: Map<string, string>, { engine, version }: Database): Record<string, number> {
  if (engine !== 'postgres') return {}
  const number = (name: string, fallback: number) => {
    const value = Number(values.get(name) ?? fallback)
    return Number.isInteger(value) && value >= 0 ? value : fallback
  }
  const own =
    Number.parseInt(version, 10) >= RESERVED_CONNECTIONS_SINCE
      ? 'reserved_connections'
      : 'rds.rds_superuser_reserved_connections'
  return {
    superuser_reserved_connections: number('superuser_reserved_connections', DEFAULT_SUPERUSER_RESERVED),
    [own]: number(own, DEFAULT_RDS_RESERVED),
  }
}
