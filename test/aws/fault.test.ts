// What can go wrong on the way to AWS, at each call that makes something beside an instance: throttled, denied, expired, silent,
// or done with its answer lost. A run can always be gone on with, and nothing is made twice.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { JournalEntry } from '../../src/model/index.ts'
import { apply, changesOf, manual, takeBack } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { World } from '../kit/aws/world.ts'

let here: World
let fake: Fake
const begin = async () => {
  here = changeable()
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
}
beforeEach(begin)
afterEach(() => fake.close())

const PROXY = {
  proxy: 'yes',
  proxy_secret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf',
  proxy_role: 'arn:aws:iam::123456789012:role/proxy',
}
const CASES: [action: string, id: string, settings: Record<string, string>][] = [
  ['ec2:AuthorizeSecurityGroupIngress', 'orders', { allow: '192.168.1.5' }],
  ['rds:CreateDBInstanceReadReplica', 'orders', { replica: 'yes' }],
  ['rds:CreateDBInstance', 'sea-1', { replica: 'yes' }],
  ['rds:CreateDBProxy', 'orders', PROXY],
  ['rds:ModifyDBProxyTargetGroup', 'orders', PROXY],
  ['rds:RegisterDBProxyTargets', 'orders', PROXY],
  ['rds:CreateDBClusterParameterGroup', 'sea-1', { idle_session_timeout: '30000' }],
  ['rds:CopyDBClusterParameterGroup', 'gulf-a-1', { idle_session_timeout: '30000' }],
  ['rds:ModifyDBClusterParameterGroup', 'bay-1', { idle_session_timeout: '30000' }],
  ['rds:ModifyDBCluster', 'sea-1', { idle_session_timeout: '30000' }],
]

/** What there is. */
const made = () => ({
  instances: here.instances.length,
  proxies: here.proxies.map(({ targets }) => targets.length),
  rules: (here.network.groups[0]!.ipPermissions as unknown[]).length,
  groups: Object.keys(here.parameterGroups).length,
})

test.each(CASES)('%s throttled, and its answer lost', async (action, id, settings) => {
  const { operations } = await manual(id, settings)
  here.throttled.set(action, 1)
  here.lost.set(action, 1)
  expect((await apply(id, operations)).outcome).toBe('in-place')
  expect(changesOf(fake.calls).length).toBeGreaterThan(operations.length)
  const faulty = made()
  await fake.close()
  await begin()
  await apply(id, (await manual(id, settings)).operations)
  expect(faulty).toEqual(made())
})

test.each(CASES)(
  '%s denied, expired, then silent until somebody interrupts',
  async (action, id, settings) => {
    const { operations } = await manual(id, settings)
    const entries: JournalEntry[] = []
    here.denied.add(action)
    await expect(apply(id, operations, { entries })).rejects.toMatchObject({ code: 'aws-denied' })
    here.denied.clear()
    here.expired = true
    await expect(apply(id, operations, { entries })).rejects.toMatchObject({ code: 'credentials-missing' })
    here.expired = false
    here.silent.add(action)
    const end = new AbortController()
    const waiting = apply(id, operations, { entries, signal: end.signal })
    const came = changesOf(fake.calls).length
    const isSilent = () => changesOf(fake.calls).length > came && fake.calls.at(-1) === action
    await expect.poll(isSilent, { interval: 5, timeout: 20_000 }).toBe(true)
    end.abort()
    await expect(waiting).rejects.toThrow()
    here.silent.clear()
    expect((await apply(id, operations, { entries })).outcome).toBe('in-place')
    expect(['rolled-back', 'rollback-incomplete']).toContain((await takeBack(id, entries)).outcome)
  },
)
