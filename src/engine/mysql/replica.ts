// How far a replica is behind its source, by its own account.
import type { Signals } from '../../model/index.ts'
import { type Ask, errnoOf } from './wire.ts'

/** What the statement is called: since 8.0.22 and 10.5, and before. Absent on a server that follows nobody, or may not be asked. */
export type ReplicaStatus = 'replica' | 'slave'

type Row = Record<string, string | number | null>

const sqlOf = (name: ReplicaStatus): string => `/* spillway */ show ${name} status`

/** No such statement; no right to it (REPLICATION CLIENT, on MariaDB REPLICA MONITOR). */
const UNKNOWN = 1064
const REFUSED = [1045, 1227]

/** Asked once, when the connection is held. */
export async function readReplica(ask: Ask): Promise<ReplicaStatus | undefined> {
  for (const name of ['replica', 'slave'] as const) {
    try {
      const [rows = []] = await ask<Row>(sqlOf(name))
      return rows.length > 0 ? name : undefined
    } catch (error) {
      if (REFUSED.includes(errnoOf(error))) return undefined
      if (errnoOf(error) !== UNKNOWN) throw error
    }
  }
  return undefined
}

/** Of several sources the one that it is furthest behind; none where it does not follow one of them at the moment. */
export async function readLag(ask: Ask, name: ReplicaStatus): Promise<Signals> {
  const [rows = []] = await ask<Row>(sqlOf(name))
  const lags = rows.map(lagOf)
  return lags.some(Number.isNaN) ? {} : { replica_lag_s: Math.max(0, ...lags) }
}

/** Not a number where it is not told. Who has lost its source calls itself zero seconds behind what came last. */
const lagOf = (row: Row): number => {
  const follows = row.Replica_IO_Running ?? row.Slave_IO_Running
  const lag = row.Seconds_Behind_Source ?? row.Seconds_Behind_Master ?? null
  return follows === 'Yes' && lag !== null ? Number(lag) : Number.NaN
}
