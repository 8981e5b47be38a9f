// What is refused before anything is sent, and what is not; against the fake, so that the reasons come from what AWS says.
import { afterAll, beforeEach, expect, test } from 'vitest'
import { changesOf, manual, NOW } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { moved, type World } from '../kit/aws/world.ts'
import { evidence, idle } from '../kit/evidence.ts'

let here: World
let fake: Fake | undefined
beforeEach(async () => {
  await fake?.close()
  here = changeable()
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
})
afterAll(() => fake?.close())

const instance = (id: string) => here.instances.find(one => one.DBInstanceIdentifier === id)!

const IMPOSSIBLE: [string, string, Record<string, string>, RegExp][] = [
  ['a class that is not to be had', 'orders', { class: 'db.t2.medium' }, /not to be had/],
  ['the class that it has', 'orders', { class: 'db.r6g.large' }, /already/],
  ['storage that shrinks', 'orders', { storage: '100' }, /never shrinks/],
  ['storage that grows by less than 10 %', 'orders', { storage: '210' }, /220 GiB/],
  ['the storage that it has', 'orders', { storage: '200' }, /already/],
  ['a ceiling that turns growing off', 'orders', { max_allocated_storage: '200' }, /turn growing off/],
  ['a ceiling that is the new size', 'orders', { storage: '300', ceiling: '300' }, /turn growing off/],
  ['a ceiling less than 10 % over', 'orders', { ceiling: '210' }, /220 GiB/],
  ['IOPS on a small gp3', 'orders', { iops: '6000' }, /400 GiB/],
  ['IOPS that grow by less than 10 %', 'big', { iops: '12500' }, /13200/],
  ['the storage of Aurora', 'lake', { storage: '500' }, /Aurora/],
  ['a parameter that there is not', 'orders', { wait_timeout: '10' }, /no parameter/],
  ['a parameter that is not ours', 'orders', { superuser_reserved_connections: '5' }, /cannot be changed/],
  ['a value out of range', 'orders', { connection_timeout: '0' }, /1-600/],
  ['a value that is no number', 'shop', { wait_timeout: 'soon' }, /not allowed/],
  ['the value that it has', 'billing', { lock_timeout: '5000' }, /already/],
  ['more connections than memory', 'orders', { max_connections: '5000' }, /1\.2 times/],
  ['a buffer that leaves nothing', 'orders', { buffer_pool: '75%' }, /1\.2 times/],
  ['connections and buffer together', 'shop', { buffer_pool: '75%', max_connections: '6000' }, /1\.2 times/],
]
test.each(IMPOSSIBLE)('%s is refused', async (_, id, settings, why) => {
  await expect(manual(id, settings)).rejects.toMatchObject({
    code: 'plan-impossible',
    message: expect.stringMatching(why),
  })
  expect(changesOf(fake!.calls)).toEqual([])
})

const UNREADABLE: [Record<string, string>][] = [
  [{ class: 'r6g.large' }],
  [{ storage: '10 %' }],
  [{ storage: '-5' }],
  [{ storage: '200 TB' }],
  [{ ceiling: 'none' }],
  [{ 'Lock Timeout': '1' }],
  [{ lock_timeout: '' }],
  [{ lock_timeout: '50%' }],
  [{ when: 'soon' }],
  [{ storage_type: 'ssd' }],
]
test.each(UNREADABLE)('%j is no setting', async settings => {
  await expect(manual('orders', settings)).rejects.toMatchObject({ code: 'option-invalid' })
})

test('an instance that is busy, or has just been', async () => {
  instance('orders').DBInstanceStatus = 'backing-up'
  here.stuck = true
  await expect(manual('orders', { lock_timeout: '1' })).rejects.toThrow(/available/)
  instance('orders').DBInstanceStatus = 'storage-optimization'
  await expect(manual('orders', { storage: '300' })).rejects.toThrow(/optimized/)
  instance('orders').DBInstanceStatus = 'available'
  const message = 'Finished applying modification to allocated storage'
  here.events.push({ source: 'orders', at: NOW - 3_600_000, message, categories: ['configuration change'] })
  await expect(manual('orders', { storage: '300' })).rejects.toThrow(/5\.0 h/)
})

test('what somebody else has left to be done is not done along the way', async () => {
  instance('orders').PendingModifiedValues = { EngineVersion: '16.6' }
  await expect(manual('orders', { class: 'db.r6g.xlarge' })).rejects.toThrow(/EngineVersion/)
  const taken = await manual('orders', { class: 'db.r6g.xlarge', take_pending: 'yes' })
  expect(taken.steps.map(({ what }) => what.kind)).toEqual(['snapshot', 'instance-class'])
  expect(await manual('orders', { class: 'db.r6g.xlarge', when: 'window' })).toMatchObject({
    notes: [expect.stringContaining('sun:03:00')],
  })
})

test('two zones take a class that is to be had in two zones', async () => {
  instance('orders').MultiAZ = true
  await expect(manual('orders', { class: 'db.r6g.2xlarge' })).rejects.toThrow(/two zones/)
  const { operations } = await manual('orders', { class: 'db.r6g.xlarge' })
  expect(operations.at(-1)?.outage).toContain('failover')
})

test('nothing goes below what is in use', async () => {
  const busy = evidence(1200, () => ({ idle: [idle(179)] }))
  here.incidents.orders = moved(busy, Math.floor(NOW / 60_000) * 60_000)
  await expect(manual('orders', { max_connections: '100' })).rejects.toThrow(/180 slots are in use/)
  await expect(manual('orders', { max_connections: '200' })).resolves.toBeDefined()
})

test('the call of the article, as it was meant', async () => {
  const settings = {
    class: 'db.r6g.xlarge',
    storage: '260',
    max_allocated_storage: '500',
    buffer_pool: '70%',
    connection_timeout: '10',
  }
  const { steps, operations } = await manual('shop', settings)
  expect(steps.map(({ what, after }) => [what.kind, 'name' in what ? what.name : '', after])).toEqual([
    ['snapshot', '', 'available'],
    ['setting', 'innodb_buffer_pool_size', '{DBInstanceClassMemory*70/100}'],
    ['setting', 'connect_timeout', '10'],
    ['storage', '', 500],
    ['storage', '', 260],
    ['instance-class', '', 'db.r6g.xlarge'],
  ])
  expect(operations.map(({ call }) => call.kind)).toEqual([
    'snapshot',
    'create-parameter-group',
    'set-parameters',
    'modify-instance',
    'modify-instance',
    'modify-instance',
    'modify-instance',
    'restart',
  ])
})
