// A read replica and a reader of a cluster: made as the writer is, waited for until it replicates, never deleted.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../src/model/index.ts'
import { apply, Crash, changesOf, fromSteps, manual, takeBack } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { Described, World } from '../kit/aws/world.ts'

let here: World
let fake: Fake
const begin = async () => {
  here = changeable()
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
}
beforeEach(begin)
afterEach(() => fake.close())

const instance = (id: string): Described | undefined =>
  here.instances.find(one => one.DBInstanceIdentifier === id)
const change = (id: string, more: Described) => Object.assign(instance(id)!, more)

test('a replica has the class, the groups and the storage of its source, and replicates', async () => {
  const { operations, steps, notes } = await manual('big', { replica: 'yes' })
  expect(steps).toMatchObject([{ what: { kind: 'read-replica' }, after: 'big-reader', reversible: false }])
  expect(notes.join()).toContain('endpoint')
  const said: string[] = []
  expect((await apply('big', operations, { said })).outcome).toBe('in-place')
  expect(changesOf(fake.calls)).toEqual(['rds:CreateDBInstanceReadReplica'])
  expect(instance('big-reader')).toMatchObject({
    DBInstanceClass: 'db.r6g.large',
    DBInstanceStatus: 'available',
    ReadReplicaSourceDBInstanceIdentifier: 'big',
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-db' }],
    StatusInfos: [{ Status: 'replicating' }],
  })
  expect(said.join('\n')).toContain('creating')
  expect(said.at(-1)).toContain('big-reader.c9akciq32')
})

test('a reader joins the cluster, and takes over last', async () => {
  const { operations } = await manual('sea-1', { replica: 'yes' })
  const said: string[] = []
  expect((await apply('sea-1', operations, { said })).outcome).toBe('in-place')
  expect(said.at(-1)).toContain('sea.cluster-ro-')
  expect(changesOf(fake.calls)).toEqual(['rds:CreateDBInstance'])
  expect(instance('sea-1-reader')).toMatchObject({ DBClusterIdentifier: 'sea', PromotionTier: 15 })
  expect(here.clusters[0]!.DBClusterMembers).toHaveLength(3)
})

test('its name is free, and a second run of the same plan makes no second one', async () => {
  const first = await manual('orders', { replica: 'yes' })
  await apply('orders', first.operations)
  expect((await manual('orders', { replica: 'yes' })).steps[0]!.after).toBe('orders-reader-2')
  const again = await fromSteps('orders', first.steps)
  expect(again.operations).toEqual([])
  expect(again.notes.join()).toContain('already')
  await expect(manual('orders', { replica: 'billing' })).rejects.toThrow(/another instance billing/)
})

test('with another class in the same plan it gets that one', async () => {
  const { operations } = await manual('orders', {
    class: 'db.r6g.xlarge',
    snapshot: 'no',
    replica: 'reads',
  })
  expect((await apply('orders', operations)).outcome).toBe('in-place')
  expect(instance('reads')).toMatchObject({ DBInstanceClass: 'db.r6g.xlarge' })
})

test('several are several, as an advice has them', async () => {
  const { operations, steps } = await manual('orders', { replica: 'reads-1,reads-2' })
  expect(operations).toHaveLength(2)
  const again = await fromSteps('orders', steps)
  expect((await apply('orders', again.operations)).outcome).toBe('in-place')
  expect(instance('orders')!.ReadReplicaDBInstanceIdentifiers).toEqual(['reads-1', 'reads-2'])
  expect((await manual('orders', { replica: 'yes,yes' })).steps.map(({ after }) => after)).toEqual([
    'orders-reader',
    'orders-reader-2',
  ])
  await expect(manual('orders', { replica: 'reads-3,reads-3' })).rejects.toThrow(/twice/)
})

const IMPOSSIBLE: [string, string, Described, RegExp][] = [
  ['no backups', 'orders', { BackupRetentionPeriod: 0 }, /automatic backups/],
  [
    'fifteen of them',
    'orders',
    { ReadReplicaDBInstanceIdentifiers: Array.from({ length: 15 }, (_, i) => `r-${i}`) },
    /no more than 15/,
  ],
  [
    'an old replica as its source',
    'orders',
    { EngineVersion: '13.15', ReadReplicaSourceDBInstanceIdentifier: 'billing' },
    /14\.1/,
  ],
  ['a state that is none', 'orders', { DBInstanceStatus: 'stopped' }, /available/],
]
test.each(IMPOSSIBLE)('%s', async (_, id, more, why) => {
  change(id, more)
  await expect(manual(id, { replica: 'yes' })).rejects.toMatchObject({
    code: 'plan-impossible',
    message: expect.stringMatching(why),
  })
})

test('a chain takes three, and a tier is for Aurora', async () => {
  change('web-1', { ReadReplicaSourceDBInstanceIdentifier: 'orders' })
  change('web-2', { ReadReplicaSourceDBInstanceIdentifier: 'web-1' })
  expect((await manual('web-2', { replica: 'yes' })).operations).toHaveLength(1)
  change('billing', { ReadReplicaSourceDBInstanceIdentifier: 'web-2' })
  await expect(manual('billing', { replica: 'yes' })).rejects.toThrow(/last of 3/)
  await expect(manual('orders', { replica: 'yes', replica_tier: '1' })).rejects.toThrow(/Aurora/)
  await expect(manual('sea-1', { replica: 'yes', replica_tier: '16' })).rejects.toThrow(/0 to 15/)
})

describe('what goes wrong', () => {
  test.each([
    ['failed', /is failed/],
    ['incompatible-network', /incompatible-network/],
    ['replication error', /does not replicate: the log/],
  ])('%s ends the run, and it says what stays and what it costs', async (fate, why) => {
    const { operations } = await manual('orders', { replica: 'yes', lock_timeout: '3000' })
    here.fates['orders-reader'] = fate
    const applied = await apply('orders', operations)
    expect(applied.outcome).toBe('rollback-incomplete')
    expect(applied.because).toMatch(why)
    const left = applied.operations.find(({ title }) => title.includes('orders-reader'))
    expect(left).toMatchObject({ state: 'left', reason: expect.stringContaining('delete-db-instance') })
    expect(changesOf(fake.calls).filter(call => call.includes('Delete'))).toEqual([])
    expect(instance('orders')!.DBParameterGroups).toMatchObject([
      { DBParameterGroupName: 'default.postgres16' },
    ])
  })

  test('a quota, a name taken in between, a source that is busy', async () => {
    const { operations } = await manual('orders', { replica: 'reads' })
    here.quota.instances = 0
    const refused = { outcome: 'rolled-back', operations: [{ state: 'not-done' }] }
    expect(await apply('orders', operations)).toMatchObject(refused)
    here.quota.instances = 40
    change('orders', { DBInstanceStatus: 'backing-up' })
    here.busy.set('orders', 9)
    expect(await apply('orders', operations)).toMatchObject({
      ...refused,
      because: expect.stringContaining('InvalidDBInstanceState'),
    })
    change('orders', { DBInstanceStatus: 'available' })
    change('billing', { DBInstanceIdentifier: 'reads' })
    await expect(apply('orders', operations)).rejects.toMatchObject({ code: 'plan-stale' })
  })

  test('one that never comes says so at its deadline, and can be waited for again', async () => {
    const { operations } = await manual('orders', { replica: 'yes' })
    const entries: JournalEntry[] = []
    const said: string[] = []
    here.stuck = true
    await expect(apply('orders', operations, { entries, said })).rejects.toMatchObject({
      code: 'not-in-time',
    })
    // Not silent for three hours.
    expect(said.length).toBeGreaterThan(20)
    here.stuck = false
    expect((await apply('orders', operations, { entries })).outcome).toBe('in-place')
    expect(changesOf(fake.calls)).toEqual(['rds:CreateDBInstanceReadReplica'])
  })

  test('a crash at every entry makes one replica, and no second', async () => {
    const whole: JournalEntry[] = []
    await apply('orders', (await manual('orders', { replica: 'yes' })).operations, { entries: whole })
    for (let most = 1; most < whole.length; most++) {
      await fake.close()
      await begin()
      const { operations } = await manual('orders', { replica: 'yes' })
      const entries: JournalEntry[] = []
      await expect(apply('orders', operations, { entries, most })).rejects.toBeInstanceOf(Crash)
      expect((await apply('orders', operations, { entries })).outcome).toBe('in-place')
      expect(changesOf(fake.calls)).toEqual(['rds:CreateDBInstanceReadReplica'])
      expect((await takeBack('orders', entries)).outcome).toBe('rollback-incomplete')
      expect(instance('orders-reader')).toBeDefined()
    }
  })
})
