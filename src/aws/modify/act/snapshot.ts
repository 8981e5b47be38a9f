// A snapshot: asked for, and waited for until it is whole.
import { AppError } from '../../../model/index.ts'
import type { Account } from '../../account/index.ts'
import { isNotFound } from '../parameter.ts'
import { describeInstance } from './describe.ts'
import { type Doing, SETTLED, same } from './doing.ts'

export const snapshot: Doing<'snapshot'> = {
  async look(account, { call }, signal) {
    const found = await describeSnapshot(account, call.snapshot, signal)
    return same({ snapshot: found ? 'available' : null })
  },
  async send(account, { call }, signal) {
    const { CreateDBSnapshotCommand } = await import('@aws-sdk/client-rds')
    const command = new CreateDBSnapshotCommand({
      DBInstanceIdentifier: call.instance,
      DBSnapshotIdentifier: call.snapshot,
    })
    await account.call('rds:CreateDBSnapshot', (rds, o) => rds.send(command, o), signal)
  },
  async waitsFor(account, { call }, signal) {
    const { status } = await describeInstance(account, call.instance, signal)
    const found = await describeSnapshot(account, call.snapshot, signal)
    if (found?.Status === 'failed')
      throw new AppError('step-refused', `snapshot ${call.snapshot} failed`, 'AWS says no more; try again.')
    if (found?.Status !== 'available') return `the snapshot is at ${found?.PercentProgress ?? 0} %`
    return SETTLED.includes(status) ? undefined : `it is ${status}`
  },
}

/** Undefined where there is none. */
async function describeSnapshot(account: Account, id: string, signal?: AbortSignal) {
  const { DescribeDBSnapshotsCommand } = await import('@aws-sdk/client-rds')
  const command = new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id })
  try {
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
