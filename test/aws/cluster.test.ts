// Parameters of Aurora that belong to the cluster: set in its group, in force for all of it, and taken back there.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JournalEntry } from '../../src/model/index.ts'
import { apply, changesOf, manual, takeBack } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { Described, World } from '../kit/aws/world.ts'

let here: World
let fake: Fake
beforeEach(async () => {
  here = changeable()
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
})
afterEach(() => fake.close())

const cluster = (id: string) => here.clusters.find(one => one.DBClusterIdentifier === id)!
const members = (id: string) => cluster(id).DBClusterMembers as Described[]
const values = (group: string) => here.parameterGroups[`cluster:${group}`]?.values

test('the default group is left, one of its own is made, and the writer restarted for what is static', async () => {
  const { operations, notes } = await manual('sea-1', { max_prepared_transactions: '20' })
  expect(notes.join('\n')).toMatch(/whole cluster: also for sea-2/)
  expect(notes.join('\n')).toMatch(/in sea-2 .*another restart/)
  const entries: JournalEntry[] = []
  expect((await apply('sea-1', operations, { entries })).outcome).toBe('in-place')
  expect(changesOf(fake.calls)).toEqual([
    'rds:CreateDBClusterParameterGroup',
    'rds:ModifyDBClusterParameterGroup',
    'rds:ModifyDBCluster',
    'rds:RebootDBInstance',
  ])
  const own = 'spillway-sea-aurora-postgresql16'
  expect(cluster('sea').DBClusterParameterGroup).toBe(own)
  expect(values(own)).toEqual({ max_prepared_transactions: '20' })
  expect(members('sea').map(one => one.DBClusterParameterGroupStatus)).toEqual(['in-sync', 'pending-reboot'])

  expect((await takeBack('sea-1', entries)).outcome).toBe('rolled-back')
  expect(cluster('sea').DBClusterParameterGroup).toBe('default.aurora-postgresql16')
  expect(values(own)).toEqual({})
  expect(members('sea')[0]!.DBClusterParameterGroupStatus).toBe('in-sync')
})

test('its own group is changed where it is, a shared one is copied', async () => {
  const own = await manual('bay-1', { idle_session_timeout: '30000' })
  expect(own.operations.map(({ call }) => call.kind)).toEqual(['set-parameters'])
  const entries: JournalEntry[] = []
  await apply('bay-1', own.operations, { entries })
  expect(values('bay-16')).toEqual({ idle_session_timeout: '30000' })
  await takeBack('bay-1', entries)
  expect(values('bay-16')).toEqual({ idle_session_timeout: '60000' })

  const shared = await manual('gulf-a-1', { idle_session_timeout: '30000' })
  expect(shared.notes.join()).toContain('gulf-b')
  await apply('gulf-a-1', shared.operations)
  expect(values('gulf-16')).toEqual({})
  expect(cluster('gulf-b').DBClusterParameterGroup).toBe('gulf-16')
  expect(values('spillway-gulf-a-aurora-postgresql16')).toEqual({ idle_session_timeout: '30000' })
})

test('what stands in both is set for the instance, and both can be one plan', async () => {
  const { operations } = await manual('bay-1', { max_connections: '300', max_prepared_transactions: '10' })
  expect(
    operations.map(({ call }) => ('cluster' in call ? `${call.kind} ${call.cluster}` : call.kind)),
  ).toEqual([
    'set-parameters bay',
    'create-parameter-group',
    'set-parameters',
    'modify-instance',
    'restart bay',
  ])
  expect((await apply('bay-1', operations)).outcome).toBe('in-place')
  expect(values('bay-16')).toMatchObject({ max_prepared_transactions: '10' })
  expect(members('bay')[0]!.DBClusterParameterGroupStatus).toBe('in-sync')
})

test('what is in neither, or not allowed, is refused', async () => {
  await expect(manual('sea-1', { wait_timeout: '9' })).rejects.toThrow(/no parameter wait_timeout in .* or /)
  await expect(manual('sea-1', { idle_session_timeout: '-1' })).rejects.toThrow(/not allowed/)
})
