// The veto of memory: what buffers and connections would ask for, against what the class has. RDS turns an instance that
// asks for more than 1.2 times its memory to incompatible-parameters, and nobody can connect then.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html#CHAP_Troubleshooting.incompatible-parameters-memory
import type { Standing } from './standing.ts'
import { comesTo } from './value.ts'
import type { Wishes } from './wish.ts'

const MIB = 1024 ** 2
const MOST = 1.2
/**
 * Bytes of a connection. MySQL and MariaDB: buffers of a session by default (binlog cache, join, read, random read, sort,
 * stack), and with the performance schema 429,498 more. PostgreSQL: what RDS's own default counts.
 */
const MYSQL_SESSION = (32 + 256 + 256 + 512 + 256 + 256) * 1024
const PERFORMANCE_SCHEMA = 429_498
const POSTGRES_SESSION = 9_531_392
/** Log, key and temporary-table buffers by default. */
const MYSQL_FIXED = 48 * MIB

/** Pure. Says nothing where the class is not known. */
export function memoryReasons(standing: Standing, wishes: Wishes): string[] {
  const { database, wished, slotsInUse } = standing
  const shape = wished ? wished.shape : standing.shape
  const touches = wishes.instanceClass !== undefined || NAMES.some(name => name in wishes.parameters)
  if (!shape || !touches) return []
  const value = (name: string) => {
    const text = name in wishes.parameters ? wishes.parameters[name] : standing.parameters.get(name)?.value
    return comesTo(text, shape, database)
  }
  const connections = value('max_connections')
  const aurora = database.product.startsWith('aurora')
  const asked = database.engine === 'postgres' ? postgresBytes(value, aurora) : mysqlBytes(value)
  const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`
  return [
    ...(asked > MOST * shape.memoryBytes
      ? [
          `its buffers and connections could ask for ${gib(asked)}, more than 1.2 times the ${gib(shape.memoryBytes)} of the class: RDS would shut it`,
        ]
      : []),
    ...(connections !== undefined && slotsInUse !== undefined && connections < slotsInUse
      ? [`max_connections would be ${connections}, and ${slotsInUse} slots are in use`]
      : []),
  ]
}

const NAMES = ['max_connections', 'shared_buffers', 'innodb_buffer_pool_size']

type ValueOf = (name: string) => number | undefined

/**
 * Connections share the buffers; each of RDS's default ones is worth what all memory divided by them is. Aurora has no cache
 * of the operating system beneath, and gives its buffers three quarters of the memory by default.
 */
function postgresBytes(value: ValueOf, isAurora: boolean): number {
  const buffers = (value('shared_buffers') ?? 0) * 8192
  return Math.max((value('max_connections') ?? 0) * POSTGRES_SESSION, isAurora ? buffers : buffers * 2)
}

function mysqlBytes(value: ValueOf): number {
  const each = MYSQL_SESSION + (value('performance_schema') === 0 ? 0 : PERFORMANCE_SCHEMA)
  return MYSQL_FIXED + (value('innodb_buffer_pool_size') ?? 0) + (value('max_connections') ?? 0) * each
}
