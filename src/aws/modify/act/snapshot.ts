// A snapshot, of the instance or of its cluster: asked for, and waited for until it is whole.
import type { DBSnapshot } from '@aws-sdk/client-rds'
import { AppError, type RdsCall } from '../../../model/index.ts'
import type { Account } from '../../account/index.ts'
import { isNotFound } from '../parameter.ts'
import { describeInstance } from './describe.ts'
import { type Doing, SETTLED, same } from './doing.ts'

export const snapshot: Doing<'snapshot'> = {
  async look(account, { call }, signal) {
    const found = await describeSnapshot(account, call, signal)
    return same({ snapshot: found ? 'available' : null })
  },
  async send(account, { call }, signal) {
    const { CreateDBSnapshotCommand, CreateDBClusterSnapshotCommand } = await import('@aws-sdk/client-rds')
    if (call.cluster !== undefined) {
      const command = new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: call.cluster,
        DBClusterSnapshotIdentifier: call.snapshot,
      })
      await account.call('rds:CreateDBClusterSnapshot', (rds, o) => rds.send(command, o), signal)
      return
    }
    const command = new CreateDBSnapshotCommand({
      DBInstanceIdentifier: call.instance,
      DBSnapshotIdentifier: call.snapshot,
    })
    await account.call('rds:CreateDBSnapshot', (rds, o) => rds.send(command, o), signal)
  },
  async waitsFor(account, { call }, signal) {
    const { status } = await describeInstance(account, call.instance, signal)
    const found = await describeSnapshot(account, call, signal)
    if (found?.Status === 'failed')
      throw new AppError('step-refused', `snapshot ${call.snapshot} failed`, 'AWS says no more; try again.')
    if (found?.Status !== 'available') return `the snapshot is at ${found?.PercentProgress ?? 0} %`
    return SETTLED.includes(status) ? undefined : `it is ${status}`
  },
}

type Call = Extract<RdsCall, { kind: 'snapshot' }>
type Found = Pick<DBSnapshot, 'Status' | 'PercentProgress'>

/** Undefined where there is none. */
async function describeSnapshot(
  account: Account,
  { snapshot: id, cluster }: Call,
  signal?: AbortSignal,
): Promise<Found | undefined> {
  const { DescribeDBSnapshotsCommand, DescribeDBClusterSnapshotsCommand } = await import(
    '@aws-sdk/client-rds'
  )
  try {
    if (cluster !== undefined) {
      const command = new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id })
      const { DBClusterSnapshots = [] } = await account.call(
        'rds:DescribeDBClusterSnapshots',
        (rds, o) => rds.send(command, o),
        signal,
      )
      return DBClusterSnapshots[0]
    }
    const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id })
    const { DBSnapshots = [] } = await account.call(
      'rds:DescribeDBSnapshots',
      (rds, o) => rds.send(command, o),
      signal,
    )
    return DBSnapshots[0]
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
