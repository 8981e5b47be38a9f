// One client let in by a security group: exactly that one, told as ours, and only ours taken back.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JournalEntry, Operation } from '../../src/model/index.ts'
import { apply, Crash, changesOf, fromSteps, manual, takeBack } from '../kit/aws/applying.ts'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import type { Described, World } from '../kit/aws/world.ts'

let here: World
let fake: Fake
const begin = async () => {
  here = changeable()
  here.network.groups.push({ groupId: 'sg-web', ipPermissions: [] })
  fake = await fakeAws(here)
  for (const [name, value] of Object.entries(fake.env)) process.env[name] = value
}
beforeEach(begin)
afterEach(() => fake.close())

interface Shown {
  fromPort: number
  ipRanges?: Described[]
  groups?: Described[]
}
/** Everything but the rule that was there from the beginning. */
const rules = () => (here.network.groups[0]!.ipPermissions as unknown as Shown[]).slice(1)

test('an address is let in to the one port, and the rule says who made it', async () => {
  const { operations, steps } = await manual('orders', { allow: '192.168.1.5' })
  expect(steps).toMatchObject([
    { what: { kind: 'security-group-rule', port: 5432, group: 'sg-db' }, after: '192.168.1.5/32' },
  ])
  expect((await apply('orders', operations)).outcome).toBe('in-place')
  expect(changesOf(fake.calls)).toEqual(['ec2:AuthorizeSecurityGroupIngress'])
  const [rule] = rules()
  expect(rule).toMatchObject({ fromPort: 5432, toPort: 5432, ipRanges: [{ cidrIp: '192.168.1.5/32' }] })
  expect(rule!.ipRanges![0]!.description).toMatch(/Spillway.*r1.*me@here/)
})

test('a security group is let in as one, and an IPv6 address by its own', async () => {
  await apply('orders', (await manual('orders', { allow: 'sg-web' })).operations)
  await apply('orders', (await manual('orders', { allow: '2001:db8::7' })).operations)
  expect(rules()).toMatchObject([
    { groups: [{ groupId: 'sg-web' }] },
    { ipv6Ranges: [{ cidrIpv6: '2001:db8::7/128' }] },
  ])
})

test.each([
  ['2001:DB8:0::7', '2001:db8::7/128'],
  ['2001:0db8:0:0:0:0:0:7/128', '2001:db8::7/128'],
])('%s is found again as EC2 spells it, and taken back', async (allow, cidrIpv6) => {
  const entries: JournalEntry[] = []
  expect((await apply('orders', (await manual('orders', { allow })).operations, { entries })).outcome).toBe(
    'in-place',
  )
  expect(rules()).toMatchObject([{ ipv6Ranges: [{ cidrIpv6 }] }])
  expect((await takeBack('orders', entries)).outcome).toBe('rolled-back')
  expect(rules()).toEqual([])
})

test.each([
  ['everybody', '0.0.0.0/0', /more than one address/],
  ['everybody by IPv6', '::/0', /more than one address/],
  ['a network', '192.168.0.0/16', /more than one address/],
  ['two addresses', '192.168.1.4/31', /more than one address/],
  ['a network of IPv6', '2001:DB8::/64', /more than one address/],
  ['a link-local address', '169.254.1.1', /169\.254/],
  ['a group that is not there', 'sg-nobody', /no security group sg-nobody/],
])('%s is refused', async (_, allow, why) => {
  await expect(manual('orders', { allow })).rejects.toMatchObject({
    code: 'plan-impossible',
    message: expect.stringMatching(why),
  })
  expect(changesOf(fake.calls)).toEqual([])
})

test('what is no client at all, and a group of somebody else', async () => {
  await expect(manual('orders', { allow: 'anybody' })).rejects.toMatchObject({ code: 'option-invalid' })
  await expect(manual('orders', { allow: 'fe80::1%eth0' })).rejects.toMatchObject({ code: 'option-invalid' })
  await expect(manual('orders', { allow_group: 'sg-db' })).rejects.toMatchObject({ code: 'option-invalid' })
  await expect(manual('orders', { allow: '192.168.1.5', allow_group: 'sg-web' })).rejects.toThrow(
    /none of its security groups/,
  )
})

test('it is waited for until EC2 shows it, and asked for once', async () => {
  const { operations } = await manual('orders', { allow: '192.168.1.5' })
  here.shownLate.looks = 2
  const said: string[] = []
  expect((await apply('orders', operations, { said })).outcome).toBe('in-place')
  expect(said.join()).toContain('does not show it yet')
  expect(changesOf(fake.calls)).toHaveLength(1)
})

test('who is let in already takes nothing, by a wider rule as well', async () => {
  const { operations, notes } = await manual('orders', { allow: '10.0.3.9' })
  expect(operations).toEqual([])
  expect(notes.join()).toContain('10.0.0.0/16')
  expect((await apply('orders', operations)).outcome).toBe('in-place')
  expect(changesOf(fake.calls)).toEqual([])
})

test('whatever state the instance is in, and whatever waits there', async () => {
  Object.assign(here.instances[0]!, {
    DBInstanceStatus: 'storage-full',
    PendingModifiedValues: { EngineVersion: '16.6' },
  })
  const { operations } = await manual('orders', { allow: '192.168.1.5' })
  expect((await apply('orders', operations)).outcome).toBe('in-place')
  expect(here.instances[0]).toMatchObject({ PendingModifiedValues: { EngineVersion: '16.6' } })
})

test('the others behind the same group are named', async () => {
  const { notes } = await manual('orders', { allow: '192.168.1.5' })
  expect(notes.join()).toMatch(/billing.*192\.168\.1\.5/)
})

describe('taken back', () => {
  const ALLOW = { allow: '192.168.1.5' }

  test('it is revoked, and nothing else is', async () => {
    const entries: JournalEntry[] = []
    await apply('orders', (await manual('orders', ALLOW)).operations, { entries })
    expect((await takeBack('orders', entries)).outcome).toBe('rolled-back')
    expect(rules()).toEqual([])
    expect(here.network.groups[0]!.ipPermissions).toHaveLength(1)
  })

  test.each([0, 1])('it is revoked though EC2 never showed it, and is %i times gone already', async gone => {
    const { operations } = await manual('orders', ALLOW)
    here.shownLate.looks = 1_000
    const entries: JournalEntry[] = []
    await expect(apply('orders', operations, { entries })).rejects.toMatchObject({ code: 'not-in-time' })
    expect(rules()).toHaveLength(1)
    if (gone > 0) (here.network.groups[0]!.ipPermissions as Described[]).splice(1)
    expect((await takeBack('orders', entries)).outcome).toBe('rolled-back')
    expect(rules()).toEqual([])
    expect(changesOf(fake.calls).at(-1)).toBe('ec2:RevokeSecurityGroupIngress')
  })

  test('a rule that somebody made his own meanwhile stays', async () => {
    const entries: JournalEntry[] = []
    await apply('orders', (await manual('orders', ALLOW)).operations, { entries })
    rules()[0]!.ipRanges![0]!.description = 'the office'
    expect((await takeBack('orders', entries)).outcome).toBe('rollback-incomplete')
    expect(rules()).toHaveLength(1)
  })

  test('a crash at every entry, there and back, leaves nothing and sends nothing twice', async () => {
    const whole: JournalEntry[] = []
    await apply('orders', (await manual('orders', ALLOW)).operations, { entries: whole })
    await takeBack('orders', whole)
    for (let most = 1; most < whole.length; most++) {
      await fake.close()
      await begin()
      const { operations } = await manual('orders', ALLOW)
      const entries: JournalEntry[] = []
      const doing = apply('orders', operations, { entries, most })
      await doing.catch(error => expect(error).toBeInstanceOf(Crash))
      if (entries.at(-1)?.event !== 'end') await apply('orders', operations, { entries })
      const left = most - entries.length
      if (left > 0)
        await takeBack('orders', entries, { most: left }).catch(error => expect(error).toBeInstanceOf(Crash))
      const back = await takeBack('orders', entries)
      expect({ most, outcome: back.outcome, rules: rules() }).toEqual({
        most,
        outcome: 'rolled-back',
        rules: [],
      })
      expect(changesOf(fake.calls)).toEqual([
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:RevokeSecurityGroupIngress',
      ])
    }
  })
})

describe('the same rule, made by somebody else', () => {
  const ALLOW = { allow: '192.168.1.5' }
  const theirs = () => {
    const range = { cidrIp: '192.168.1.5/32', description: 'the office' }
    const all = here.network.groups[0]!.ipPermissions as Described[]
    all.push({ ipProtocol: 'tcp', fromPort: 5432, toPort: 5432, ipRanges: [range] })
  }
  const stays = () => {
    expect(rules()).toMatchObject([{ ipRanges: [{ description: 'the office' }] }])
    expect(changesOf(fake.calls)).not.toContain('ec2:RevokeSecurityGroupIngress')
  }

  test('between the look and the call: it is refused, not done, and stays', async () => {
    const said: string[] = []
    const { operations } = await manual('orders', ALLOW)
    expect(await apply('orders', operations, { said, meanwhile: theirs })).toMatchObject({
      outcome: 'rolled-back',
      because: expect.stringContaining('InvalidPermission.Duplicate'),
      operations: [{ state: 'not-done' }],
    })
    expect(said.join('\n')).toMatch(/the office.*left/)
    stays()
  })

  test.each([
    [
      'gone on with',
      (operations: Operation[], entries: JournalEntry[]) => apply('orders', operations, { entries }),
    ],
    ['taken back', (_: Operation[], entries: JournalEntry[]) => takeBack('orders', entries)],
  ])('while the run lies crashed before the call, then %s', async (_, goOn) => {
    const { operations } = await manual('orders', ALLOW)
    const entries: JournalEntry[] = []
    const crashing = {
      entries,
      meanwhile: () => {
        throw new Crash()
      },
      most: 2,
    }
    await expect(apply('orders', operations, crashing)).rejects.toBeInstanceOf(Crash)
    expect(entries.at(-1)!.event).toBe('intend')
    theirs()
    expect(await goOn(operations, entries)).toMatchObject({
      outcome: 'rolled-back',
      operations: [{ state: 'not-done' }],
    })
    stays()
  })

  test('after the call, and before it was seen: it is not revoked', async () => {
    const { operations } = await manual('orders', ALLOW)
    const entries: JournalEntry[] = []
    await expect(apply('orders', operations, { entries, most: 3 })).rejects.toBeInstanceOf(Crash)
    expect(entries.at(-1)!.event).toBe('acted')
    rules()[0]!.ipRanges![0]!.description = 'the office'
    expect((await takeBack('orders', entries)).outcome).toBe('rollback-incomplete')
    stays()
  })
})

describe('what AWS has against it', () => {
  test('a rule that came in between is somebody else’s', async () => {
    const { operations } = await manual('orders', { allow: '192.168.1.5' })
    const range = { cidrIp: '192.168.1.5/32', description: 'the office' }
    const all = here.network.groups[0]!.ipPermissions as Described[]
    all.push({ ipProtocol: 'tcp', fromPort: 5432, toPort: 5432, ipRanges: [range] })
    await expect(apply('orders', operations)).rejects.toMatchObject({ code: 'plan-stale' })
    expect(changesOf(fake.calls)).toEqual([])
  })

  test('a group that is full, a permission that is missing', async () => {
    const { operations } = await manual('orders', { allow: '192.168.1.5' })
    here.quota.rules = 1
    expect(await apply('orders', operations)).toMatchObject({
      outcome: 'rolled-back',
      because: expect.stringContaining('RulesPerSecurityGroupLimitExceeded'),
      operations: [{ state: 'not-done' }],
    })
    here.quota.rules = 60
    here.denied.add('ec2:AuthorizeSecurityGroupIngress')
    const entries: JournalEntry[] = []
    await expect(apply('orders', operations, { entries })).rejects.toMatchObject({ code: 'aws-denied' })
    here.denied.clear()
    expect((await apply('orders', operations, { entries })).outcome).toBe('in-place')
  })

  test('an edited plan opens no port to all', async () => {
    const { steps } = await manual('orders', { allow: '192.168.1.5' })
    const edited = steps.map(step => ({ ...step, after: '0.0.0.0/0' }))
    await expect(fromSteps('orders', edited)).rejects.toMatchObject({ code: 'plan-impossible' })
  })
})
