// How far a replica is behind its source, by its own account.
import type { Signals } from '../../model/index.ts'
import { type Ask, errnoOf } from './wire.ts'

/** What the statement is called: since 8.0.22 and 10.5, and before. */
const NAMES = ['replica', 'slave'] as const

/** `none`: it follows nobody, may not be asked, or once did not answer in time. */
export type ReplicaStatus = (typeof NAMES)[number] | 'none'

type Row = Record<string, string | number | null>

/** No such statement. */
const UNKNOWN = 1064

/**
 * Nothing where it is no replica. The statement waits while replication is being stopped, and a late answer costs the connection:
 * whoever did not answer once is not asked again, by the next connection neither. `asked` is what all connections know.
 */
export async function readLag(ask: Ask, asked: { replica?: ReplicaStatus }): Promise<Signals> {
  const known = asked.replica
  if (known === 'none') return {}
  asked.replica = 'none'
  for (const name of known ? [known] : NAMES) {
    try {
      const [rows = []] = await ask<Row>(`/* spillway */ show ${name} status`)
      if (rows.length === 0) return {}
      asked.replica = name
      return lagOf(rows)
    } catch (error) {
      if (errnoOf(error) !== UNKNOWN) throw error
    }
  }
  return {}
}

/** Of several sources the one that it is furthest behind; none where it does not follow one of them at the moment. */
function lagOf(rows: readonly Row[]): Signals {
  const lags = rows.map(lagBehind)
  return lags.some(Number.isNaN) ? {} : { replica_lag_s: Math.max(0, ...lags) }
}

/** Not a number where it is not told. Who has lost its source calls itself zero seconds behind what came last. */
const lagBehind = (row: Row): number => {
  const follows = row.Replica_IO_Running ?? row.Slave_IO_Running
  const lag = row.Seconds_Behind_Source ?? row.Seconds_Behind_Master ?? null
  return follows === 'Yes' && lag !== null ? Number(lag) : Number.NaN
}
