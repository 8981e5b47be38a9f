// Logs of PostgreSQL and PgBouncer, read and followed as the product does.
import { postgresReader } from '../../src/engine/postgres/index.ts'
import { follow, read } from '../../src/log/index.ts'
import type { Interval, Testimony, Witness } from '../../src/model/index.ts'

export const followLog = (
  path: string,
  { prefix, now }: { prefix?: string; now(): number },
): Promise<Witness> => follow(path, postgresReader(prefix), now)

export const readLog = (
  path: string,
  { prefix, ...bins }: { prefix?: string; window: Interval; tickMs: number },
  signal?: AbortSignal,
): Promise<Testimony> => read(path, postgresReader(prefix), bins, signal)
