// What is called is what is declared, and what is declared is what the policy grants.
import { DeleteDBInstanceCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CallLedger, gated, TooManyCalls } from '../../src/aws/account/gate.ts'
import { policyFor } from '../../src/aws/index.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { world } from '../kit/aws/world.ts'
import { readSources } from '../kit/source.ts'

const granted = (['read', 'login', 'apply'] as const)
  .flatMap(purpose => policyFor(purpose).Statement.flatMap(({ Action }) => Action))
  .filter(action => !['rds-db:connect', 'rds:AddTagsToResource', 'iam:PassRole'].includes(action))

test('every call in the sources is granted, and nothing else is', () => {
  const code = readSources('src/aws').filter(
    ({ path }) => !path.endsWith('.test.ts') && !/(?:action|policy)\.ts$/.test(path),
  )
  const called = code.flatMap(({ text }) =>
    [...text.matchAll(/'((?:rds|pi|cloudwatch|logs|ec2|secretsmanager):[A-Z]\w+)'/g)].map(
      ([, name]) => name!,
    ),
  )
  expect([...new Set(called)].sort()).toEqual([...granted].sort())
})

test('every command that is made belongs to a call', () => {
  const commands = readSources('src/aws').flatMap(({ text }) =>
    [...text.matchAll(/new (?:aws\.)?(\w+)Command\(/g)].map(([, name]) => name!),
  )
  expect(commands.length).toBeGreaterThan(0)
  const names = granted.map(action => action.slice(action.indexOf(':') + 1))
  expect(commands.filter(name => !names.includes(name))).toEqual([])
})

describe('the gate', () => {
  const here = world()
  const ledger = new CallLedger()
  let fake: Fake
  let client: RDSClient
  beforeAll(async () => {
    fake = await fakeAws(here)
    client = new RDSClient({
      region: here.region,
      endpoint: fake.url,
      credentials: { accessKeyId: here.keys.id, secretAccessKey: here.keys.secret },
      requestHandler: gated(new NodeHttpHandler(), 'rds', ledger),
      maxAttempts: 1,
    })
  })
  afterAll(() => fake.close())

  test('lets nothing out that is not declared', async () => {
    const command = new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders' })
    await expect(client.send(command)).rejects.toThrow('not declared')
    expect(fake.calls).toEqual([])
  })

  test('counts what it lets out, and has enough at some point', async () => {
    const ask = () => client.send(new DescribeDBInstancesCommand({}))
    const through: unknown[] = []
    const enough = await (async () => {
      for (;;) through.push(await ask())
    })().catch((error: unknown) => error)
    expect(enough).toBeInstanceOf(TooManyCalls)
    expect(ledger.counts).toEqual({ 'rds:DescribeDBInstances': through.length })
    expect(fake.calls).toHaveLength(through.length)
  })
})
