// Aurora MySQL's default max_connections: steps that its formula only comes near.
// Source: Aurora User Guide, AuroraMySQL.Managing.Performance, 2026-04-13; scripts/facts/max-connections.mjs checks it.
import type { Database } from '../describe/database.ts'

/** Undefined for a class that the page does not list. */
export function auroraMysqlConnections({
  instanceClass,
  cluster,
}: Pick<Database, 'instanceClass' | 'cluster'>): number | undefined {
  if (cluster?.serverless && instanceClass === 'db.serverless') {
    const { maxAcu } = cluster.serverless
    return BY_MAX_ACU.findLast(([acu]) => acu <= maxAcu)?.[1]
  }
  const [, family = '', size = ''] = /^db\.(\w)\w*\.(\w+)$/.exec(instanceClass) ?? []
  return BY_FAMILY[family]?.[size]
}

/** The steps are the same in all generations of a family. */
const BY_FAMILY: Record<string, Record<string, number>> = {
  t: { small: 45, medium: 90, large: 135 },
  r: {
    large: 1000,
    xlarge: 2000,
    '2xlarge': 3000,
    '4xlarge': 4000,
    '8xlarge': 5000,
    '12xlarge': 6000,
    '16xlarge': 6000,
    '24xlarge': 7000,
    '32xlarge': 7000,
    '48xlarge': 8000,
  },
  x: {
    large: 2000,
    xlarge: 3000,
    '2xlarge': 4000,
    '4xlarge': 5000,
    '8xlarge': 6000,
    '12xlarge': 7000,
    '16xlarge': 7000,
  },
}

/** Serverless v2, by the most it may grow to. */
const BY_MAX_ACU: readonly (readonly [acu: number, connections: number])[] = [
  [1, 90],
  [4, 135],
  [8, 1000],
  [16, 2000],
  [32, 3000],
  [64, 4000],
  [128, 5000],
  [192, 6000],
]
