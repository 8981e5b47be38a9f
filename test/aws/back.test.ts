// A rollback that is cut off at every entry of its journal, and a plan that is run twice.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../src/model/index.ts'
import { apply, Crash, changesOf, fromSteps, manual, takeBack } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { Described, World } from '../kit/aws/world.ts'
import { evidence, session, times } from '../kit/evidence.ts'

let here: World
let fake: Fake
const begin = async () => {
  here = changeable()
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
}
beforeEach(begin)
afterEach(() => fake.close())

const ALL = { class: 'db.r6g.xlarge', storage: '240', ceiling: '500', max_connections: '400' }
const orders = () => here.instances[0]!

/** A new account in which the plan is done. */
const done = async (): Promise<JournalEntry[]> => {
  const entries: JournalEntry[] = []
  await apply('orders', (await manual('orders', ALL)).operations, { entries })
  return entries
}

test('goes on after a crash at every entry, and sends nothing twice', async () => {
  const whole = await done()
  const length = whole.length
  await takeBack('orders', whole)
  const calls = changesOf(fake.calls)
  for (let most = 1; most < whole.length - length; most++) {
    await fake.close()
    await begin()
    const entries = await done()
    await expect(takeBack('orders', entries, { most })).rejects.toBeInstanceOf(Crash)
    const back = await takeBack('orders', entries)
    expect({ most, outcome: back.outcome }).toEqual({ most, outcome: 'rollback-incomplete' })
    expect({ most, calls: changesOf(fake.calls) }).toEqual({ most, calls })
    expect(orders()).toMatchObject({
      DBInstanceClass: 'db.r6g.large',
      DBParameterGroups: [{ DBParameterGroupName: 'default.postgres16', ParameterApplyStatus: 'in-sync' }],
    })
  }
})

test('once taken back it is not taken back again', async () => {
  const entries = await done()
  await takeBack('orders', entries)
  await expect(takeBack('orders', entries)).rejects.toMatchObject({ code: 'run-unknown' })
})

test('expired credentials in the middle of it leave a rollback that can be gone on with', async () => {
  const entries = await done()
  await expect(takeBack('orders', entries, { most: 3 })).rejects.toBeInstanceOf(Crash)
  here.expired = true
  await expect(takeBack('orders', entries)).rejects.toMatchObject({ code: 'credentials-missing' })
  here.expired = false
  await takeBack('orders', entries)
  expect(orders().DBInstanceClass).toBe('db.r6g.large')
})

test('a snapshot is of the run, and not an old one of the same plan', async () => {
  const { steps } = await manual('orders', { class: 'db.r6g.xlarge' })
  const first = await fromSteps('orders', steps)
  await apply('orders', first.operations)
  Object.assign(orders(), { DBInstanceClass: 'db.r6g.large' })
  const second = await manual('orders', { class: 'db.r6g.xlarge' })
  await apply('orders', second.operations)
  const names = here.snapshots.map((one: Described) => one.DBSnapshotIdentifier)
  expect(names).toEqual(['spillway-orders-r2', 'spillway-orders-r1'])
})

test('what was asked for by hand holds when the plan is applied', async () => {
  Object.assign(orders(), { PendingModifiedValues: { EngineVersion: '16.6' } })
  const settings = { class: 'db.r6g.xlarge', when: 'window' }
  const { steps } = await manual('orders', settings)
  const { operations, notes } = await fromSteps('orders', steps, settings)
  expect(operations.at(-1)).toMatchObject({ call: { immediately: false }, waits: expect.anything() })
  expect(notes.join()).toContain('sun:03:00')
  await expect(fromSteps('orders', steps)).rejects.toThrow(/EngineVersion/)
})

test('a zone that does not have the class', async () => {
  const [, xlarge] = here.orderable
  xlarge!.AvailabilityZones = [{ Name: 'eu-west-1b' }]
  await expect(manual('orders', { class: 'db.r6g.xlarge' })).rejects.toThrow(/eu-west-1a, where it runs/)
  Object.assign(orders(), { AvailabilityZone: 'eu-west-1b' })
  await expect(manual('orders', { class: 'db.r6g.xlarge' })).resolves.toBeDefined()
  Object.assign(orders(), { MultiAZ: true, SecondaryAvailabilityZone: 'eu-west-1c' })
  await expect(manual('orders', { class: 'db.r6g.xlarge' })).rejects.toThrow(/eu-west-1c/)
})

describe('a plan that waits for the applications', () => {
  const busy = times(20, i => session(`${i}`))
  const watched = (harm: boolean) =>
    evidence(600, second => ({ sessions: harm && second > 10 ? busy : [session('1')] }))
  const BOTH = { lock_timeout: '3000', replica: 'yes' }

  test('promises nothing of what comes with them, and is in place', async () => {
    const alone = await manual('orders', { replica: 'yes' })
    expect(await apply('orders', alone.operations, { seen: watched(true) })).toMatchObject({
      outcome: 'in-place',
      because: expect.stringContaining('reads'),
    })
    const both = await manual('billing', BOTH)
    expect((await apply('billing', both.operations, { seen: watched(false) })).outcome).toBe('in-place')
  })

  test('is taken back where the rest of it does harm', async () => {
    const { operations } = await manual('billing', BOTH)
    const applied = await apply('billing', operations, { seen: watched(true) })
    expect(applied).toMatchObject({
      outcome: 'rollback-incomplete',
      because: expect.stringContaining('AAS'),
      operations: [{ state: 'taken-back' }, { state: 'left' }],
    })
    expect(here.parameterGroups['billing-16']?.values).toEqual({ lock_timeout: '5000' })
  })
})
