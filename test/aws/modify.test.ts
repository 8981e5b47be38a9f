// Changes by the API of RDS against a fake that refuses what AWS refuses: done, waited for, taken back, gone on with.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../src/model/index.ts'
import { apply, Crash, changesOf, manual, takeBack } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { World } from '../kit/aws/world.ts'

let here: World
let fake: Fake
beforeEach(async () => {
  here = changeable()
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
})
afterEach(() => fake.close())

const orders = () => here.instances[0]!
const groupOf = (i = 0) =>
  (
    here.instances[i]!.DBParameterGroups as { DBParameterGroupName: string; ParameterApplyStatus: string }[]
  )[0]!
const changes = () => changesOf(fake.calls)

/** Everything that the article of the beginning wanted, in one plan. */
const ALL = {
  class: 'db.r6g.xlarge',
  storage: '240',
  max_allocated_storage: '500',
  max_connections: '400',
  lock_timeout: '3000',
}

describe('a plan that changes all there is', () => {
  test('is done in its order, and each call waits for the one before', async () => {
    const { operations } = await manual('orders', ALL)
    expect(changes()).toEqual([])
    const applied = await apply('orders', operations)
    expect(applied.outcome).toBe('in-place')
    expect(changes()).toEqual([
      'rds:CreateDBSnapshot',
      'rds:CreateDBParameterGroup',
      'rds:ModifyDBParameterGroup',
      'rds:ModifyDBInstance',
      'rds:ModifyDBInstance',
      'rds:ModifyDBInstance',
      'rds:ModifyDBInstance',
      'rds:RebootDBInstance',
    ])
    expect(orders()).toMatchObject({
      DBInstanceClass: 'db.r6g.xlarge',
      AllocatedStorage: 240,
      MaxAllocatedStorage: 500,
      DBInstanceStatus: 'available',
    })
    expect(groupOf()).toEqual({
      DBParameterGroupName: 'spillway-orders-postgres16',
      ParameterApplyStatus: 'in-sync',
    })
    expect(here.parameterGroups['spillway-orders-postgres16']?.values).toEqual({
      max_connections: '400',
      lock_timeout: '3000',
    })
    expect(here.parameterGroups['default.postgres16']?.values).toEqual({})
  })

  test('is taken back but for what cannot be', async () => {
    const { operations } = await manual('orders', ALL)
    const entries: JournalEntry[] = []
    await apply('orders', operations, { entries })
    const taken = await takeBack('orders', entries)
    expect(taken.outcome).toBe('rollback-incomplete')
    expect(
      taken.operations.filter(({ state }) => state === 'left').map(({ title }) => title.split(' ')[0]),
    ).toEqual(['snapshot', 'parameter', 'storage:'])
    expect(orders()).toMatchObject({ DBInstanceClass: 'db.r6g.large', AllocatedStorage: 240 })
    expect(groupOf()).toEqual({ DBParameterGroupName: 'default.postgres16', ParameterApplyStatus: 'in-sync' })
    expect(here.parameterGroups['spillway-orders-postgres16']?.values).toEqual({})
  })

  test('goes on after a crash at every entry of its journal, and sends nothing twice', async () => {
    const whole: JournalEntry[] = []
    await apply('orders', (await manual('orders', ALL)).operations, { entries: whole })
    const calls = changes()
    for (let most = 1; most < whole.length; most++) {
      await fake.close()
      here = changeable()
      fake = await fakeAws(here)
      process.env.AWS_ENDPOINT_URL = fake.url
      const { operations } = await manual('orders', ALL)
      const entries: JournalEntry[] = []
      await expect(apply('orders', operations, { entries, most })).rejects.toBeInstanceOf(Crash)
      const applied = await apply('orders', operations, { entries })
      expect({ most, outcome: applied.outcome }).toEqual({ most, outcome: 'in-place' })
      expect({ most, calls: changes() }).toEqual({ most, calls })
      expect(orders()).toMatchObject({
        DBInstanceClass: 'db.r6g.xlarge',
        AllocatedStorage: 240,
        MaxAllocatedStorage: 500,
      })
    }
  })
})

test('a group of its own is changed where it is, a shared one is copied', async () => {
  const own = await manual('billing', { lock_timeout: '3000' })
  expect(own.operations.map(({ call }) => call.kind)).toEqual(['set-parameters'])
  const entries: JournalEntry[] = []
  await apply('billing', own.operations, { entries })
  expect(here.parameterGroups['billing-16']?.values).toEqual({ lock_timeout: '3000' })
  expect((await takeBack('billing', entries)).outcome).toBe('rolled-back')
  expect(here.parameterGroups['billing-16']?.values).toEqual({ lock_timeout: '5000' })

  const shared = await manual('web-1', { lock_timeout: '3000' })
  expect(shared.notes.join()).toContain('web-2')
  await apply('web-1', shared.operations)
  expect(here.parameterGroups['web-16']?.values).toEqual({ statement_timeout: '9000' })
  expect(here.parameterGroups['spillway-web-1-postgres16']?.values).toEqual({
    statement_timeout: '9000',
    lock_timeout: '3000',
  })
  expect(groupOf(3).DBParameterGroupName).toBe('web-16')
})

test('IOPS go with storage where they are provisioned', async () => {
  const { operations } = await manual('big', { storage: '1200' })
  expect((await apply('big', operations)).outcome).toBe('in-place')
  expect(here.instances[5]).toMatchObject({ AllocatedStorage: 1200, Iops: 12_000 })
})

test('what AWS refuses in the middle takes the rest back', async () => {
  const { operations } = await manual('orders', {
    class: 'db.r6g.xlarge',
    lock_timeout: '3000',
    snapshot: 'no',
  })
  here.orderable = []
  const applied = await apply('orders', operations)
  expect(applied.outcome).toBe('rolled-back')
  expect(orders().DBInstanceClass).toBe('db.r6g.large')
  expect(groupOf().DBParameterGroupName).toBe('default.postgres16')
})

test("somebody else's change in between is theirs", async () => {
  const { operations } = await manual('orders', { class: 'db.r6g.xlarge', snapshot: 'no' })
  orders().DBInstanceClass = 'db.r6g.2xlarge'
  await expect(apply('orders', operations)).rejects.toMatchObject({ code: 'plan-stale' })
  expect(changes()).toEqual([])
})

test('expired credentials in the middle leave a run that can be gone on with', async () => {
  const { operations } = await manual('orders', { class: 'db.r6g.xlarge' })
  const entries: JournalEntry[] = []
  await expect(apply('orders', operations, { entries, most: 4 })).rejects.toBeInstanceOf(Crash)
  here.expired = true
  await expect(apply('orders', operations, { entries })).rejects.toMatchObject({
    code: 'credentials-missing',
  })
  here.expired = false
  expect((await apply('orders', operations, { entries })).outcome).toBe('in-place')
})

test('throttling is waited out, and a waiter that never ends says so', async () => {
  const { operations } = await manual('orders', { class: 'db.r6g.xlarge', snapshot: 'no' })
  here.throttled.set('rds:ModifyDBInstance', 2)
  here.busy.set('orders', 0)
  const entries: JournalEntry[] = []
  expect((await apply('orders', operations, { entries })).outcome).toBe('in-place')
  const back = await manual('orders', { class: 'db.r6g.large', snapshot: 'no' })
  here.stuck = true
  await expect(apply('orders', back.operations)).rejects.toMatchObject({ code: 'not-in-time' })
})
