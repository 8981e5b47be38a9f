// DBInstanceClassMemory: what RDS leaves of the class's memory to the database. AWS does not publish it.

const GIB = 1024 ** 3
/**
 * A line through what the documented limits of Aurora Serverless v2 imply (1, 4, 8 and 16 ACU, PostgreSQL, off by 1.4 MiB
 * at most): https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html.
 * Known values of RDS instances are 5 % below to 4 % above what it gives; the whole memory is 3 to 40 % above them.
 */
const RESERVED_GIB = 0.199
const RESERVED_SHARE = 0.0617

/** Bytes, an estimate. */
export const memoryForDatabase = (memoryBytes: number): number =>
  Math.max(0, memoryBytes * (1 - RESERVED_SHARE) - RESERVED_GIB * GIB)
