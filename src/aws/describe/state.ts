// What the description alone tells: a state that takes no connections, changes that wait, slots that a restart would change.
import type { Check, EvidenceEvent } from '../../model/index.ts'
import type { Database } from './database.ts'

/** States in which an instance takes no connections, or none for a while, and why. */
const CLOSED: Record<string, string> = {
  creating: 'it is being made',
  deleting: 'it is being deleted',
  failed: 'RDS cannot recover it',
  'inaccessible-encryption-credentials': 'its key cannot be used',
  'inaccessible-encryption-credentials-recoverable': 'its key cannot be used',
  'incompatible-network': 'its network does not fit',
  'incompatible-option-group': 'its option group does not fit',
  'incompatible-parameters': 'its parameters do not fit the class: too large a max_connections or buffer',
  'incompatible-restore': 'it could not be restored',
  rebooting: 'it is restarting',
  renaming: 'it is being renamed',
  starting: 'it is starting',
  stopped: 'it is stopped',
  stopping: 'it is stopping',
  'storage-full': 'its storage is full',
  upgrading: 'it is being upgraded',
}

/** Why nobody can connect as things are; undefined for a state that takes connections. */
export const closedBecause = ({ status }: Database): string | undefined =>
  CLOSED[status] === undefined ? undefined : `${CLOSED[status]} (${status})`

/** What a failover would mean, as an event at `t`: it holds all the time. */
export const standbyEvent = (database: Database, t: number): EvidenceEvent => ({
  ...{ t, source: 'rds', kind: 'standby' },
  message: standbyOf(database).finding,
})

/**
 * Who takes over when the host is lost or the class is changed, and what that does to clients; typical times as AWS gives them.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html
 */
export function standbyOf(database: Database): Pick<Check, 'ok' | 'finding' | 'fix'> {
  const { id, product, cluster, multiAz, replicaOf } = database
  const others = (cluster?.members ?? []).filter(one => one.id !== id).map(one => one.id)
  const all = 'every session ends, and all clients connect anew at once'
  const nobody = `nothing could take over from ${id}`
  if (cluster && others.length > 0) {
    const within = product.startsWith('aurora') ? 'a minute' : '35 s'
    return { ok: true, finding: `a failover goes to ${others.join(' or ')}, mostly within ${within}: ${all}` }
  }
  if (product.startsWith('aurora'))
    return { ok: false, finding: `${nobody}: a failover makes a new instance, in up to ten minutes` }
  if (multiAz)
    return {
      ok: true,
      finding: `a failover goes to the standby in the other zone, mostly within 60 to 120 s: ${all}`,
    }
  const finding = `${nobody} (no Multi-AZ): it is away until it is restarted or restored`
  return replicaOf === undefined
    ? { ok: false, finding, fix: `aws rds modify-db-instance --db-instance-identifier ${id} --multi-az` }
    : { ok: false, finding }
}

/** As events at `t`, epoch milliseconds: they hold now. */
export function stateEvents(database: Database, t: number): EvidenceEvent[] {
  const { id, pending, parameterGroup, storage, cluster } = database
  const say = (kind: string, message: string): EvidenceEvent => ({ t, source: 'rds', kind, message })
  const closed = closedBecause(database)
  const readers = (cluster?.members ?? []).filter(({ isWriter }) => !isWriter).map(one => one.id)
  const waiting = Object.entries(pending).map(([name, value]) => `${name} → ${value}`)
  return [
    ...(closed ? [say('state', `${id} takes no connections: ${closed}`)] : []),
    ...(waiting.length > 0
      ? [say('pending-change', `changes wait for the maintenance window: ${waiting.join(', ')}`)]
      : []),
    ...(parameterGroup && !parameterGroup.inSync
      ? [say('pending-change', `parameters of ${parameterGroup.name} wait for a restart`)]
      : []),
    ...(storage.maxGib === storage.gib && storage.gib > 0
      ? [say('setting', `storage does not grow by itself: its maximum is what it has, ${storage.gib} GiB`)]
      : []),
    ...(cluster?.isWriter && readers.length > 0
      ? [say('role', `${id} is the writer of cluster ${cluster.id}; it has readers: ${readers.join(', ')}`)]
      : []),
    ...(cluster && !cluster.isWriter
      ? [say('role', `${id} is a reader of cluster ${cluster.id}: it takes no writes`)]
      : []),
  ]
}
