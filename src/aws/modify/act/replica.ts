// A read replica, or a reader of an Aurora cluster: asked for, waited for, and only done when it really replicates.
import type { DBInstance } from '@aws-sdk/client-rds'
import { AppError } from '../../../model/index.ts'
import { describeCluster, instanceNamed } from './describe.ts'
import { type Doing, SETTLED, same } from './doing.ts'

/** States out of which it does not come by itself. */
const BROKEN =
  /^(?:failed|deleting|stopped|storage-full|insufficient-capacity|incompatible-.*|inaccessible-encryption-credentials.*)$/

export const createReplica: Doing<'create-replica'> = {
  async look(account, { call }, signal) {
    const found = await instanceNamed(account, call.replica, signal)
    return same({ [call.replica]: found ? told(found) : null })
  },
  async send(account, { call }, signal) {
    const { instance, replica, members, tag, cluster } = call
    const { CreateDBInstanceReadReplicaCommand, CreateDBInstanceCommand } = await import(
      '@aws-sdk/client-rds'
    )
    const made = { ...members, DBInstanceIdentifier: replica, Tags: [{ Key: 'spillway', Value: tag }] }
    if (cluster === undefined) {
      const command = new CreateDBInstanceReadReplicaCommand({
        ...made,
        SourceDBInstanceIdentifier: instance,
      })
      await account.call('rds:CreateDBInstanceReadReplica', (rds, o) => rds.send(command, o), signal)
      return
    }
    const { DBInstanceClass, Engine } = members
    const command = new CreateDBInstanceCommand({
      ...made,
      DBClusterIdentifier: cluster,
      DBInstanceClass: String(DBInstanceClass),
      Engine: String(Engine),
    })
    await account.call('rds:CreateDBInstance', (rds, o) => rds.send(command, o), signal)
  },
  async waitsFor(account, { call }, signal) {
    const found = await instanceNamed(account, call.replica, signal)
    if (!found) return 'RDS does not show it yet'
    const { DBInstanceStatus: status = 'in no known state' } = found
    if (BROKEN.test(status))
      throw new AppError(
        'step-refused',
        `${call.replica} is ${status}: it will not replicate`,
        `aws rds describe-events --source-type db-instance --source-identifier ${call.replica} says why.`,
      )
    return SETTLED.includes(status) ? replicates(found) : `it is ${status}`
  },
  async tells(account, { call }, signal) {
    const { Address, Port } = (await instanceNamed(account, call.replica, signal))?.Endpoint ?? {}
    if (call.cluster === undefined)
      return Address === undefined ? undefined : `send reads to ${Address}:${Port}`
    const { ReaderEndpoint: reader } = await describeCluster(account, call.cluster, signal)
    return reader === undefined ? undefined : `send reads to ${reader}, which all readers share`
  },
}

/** Readers of a cluster share its storage: nothing is copied, and nothing is said of it. */
function replicates({ DBInstanceIdentifier: id, StatusInfos: infos = [] }: DBInstance): string | undefined {
  const info = infos.find(({ StatusType }) => StatusType === 'read replication')
  if (!info || info.Status === 'replicating') return undefined
  if (info.Status === 'error' || info.Status === 'terminated')
    throw new AppError(
      'step-refused',
      `${id} does not replicate: ${info.Message || info.Status}`,
      'It is there, and behind.',
    )
  return `it is there; replication is ${info.Status ?? 'not known'}`
}

/** Its class and what it belongs to: another instance of that name is no replica of this one. */
const told = (raw: DBInstance): string =>
  `${raw.DBInstanceClass ?? '?'} of ${raw.DBClusterIdentifier ?? raw.ReadReplicaSourceDBInstanceIdentifier ?? 'its own'}`
