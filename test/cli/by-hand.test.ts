// spillway plan --set, and what becomes of it: shown, exported, done by AWS alone; against a fake that refuses what AWS does.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeable } from '../kit/aws/changeable.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { MODIFY_ALLOWED } from '../kit/aws/modify.ts'
import { spillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, freshPaths, parsed } from './kit.ts'

const path = freshPaths()
const TARGET = 'rds:orders@eu-west-1'
const here = changeable()
let fake: Fake
let state: string
beforeAll(async () => {
  fake = await fakeAws(here)
  state = path('state')
})
afterAll(() => fake.close())

const run = (...args: string[]) => spillway(args, { env: { ...fake.env, SPILLWAY_STATE: state } })
const changes = () => fake.calls.filter(call => !/:(?:Describe|GetMetricData)/.test(call))
const set = (settings: Record<string, string>) =>
  Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])

const plan = async (settings: Record<string, string>) => {
  const made = await run('plan', TARGET, ...set(settings), '--json')
  expect({ code: made.code, stderr: made.stderr }).toMatchObject({ code: 0 })
  const file = path('plan.json')
  await writeFile(file, made.stdout)
  return { file, hash: String(parsed(made.stdout).hash) }
}

test('shows what it would come to, and sends nothing', async () => {
  const shown = await run(
    'plan',
    TARGET,
    ...set({ class: 'db.r6g.xlarge', storage: '240', connection_timeout: '10' }),
  )
  expect(shown.code).toBe(0)
  expectClean(shown.stdout)
  expect(shown.stdout.split('\n').filter(line => /^\d/.test(line))).toHaveLength(7)
  expect(shown.stdout).toMatch(/price unknown.*\+\$\d+\.\d\d a month/)
  expect(changes()).toEqual([])
})

test('refuses in one line what AWS would refuse, or do besides', async () => {
  const refused = async (settings: Record<string, string>, code: number, what: RegExp) =>
    expectRefusal(await run('plan', TARGET, ...set(settings)), code, what)
  await refused({ class: 'db.t2.medium' }, 64, /not to be had/)
  await refused({ storage: '210' }, 64, /220 GiB/)
  await refused({ max_allocated_storage: '200' }, 64, /growing off/)
  await refused({ storage: 'large' }, 64, /storage=large/)
  expectRefusal(await run('plan', TARGET, '--set', 'class'), 64, /--set class/)
  expectRefusal(await run('plan', 'rds:nope@eu-west-1', '--set', 'storage=300'), 3, /nope/)
  expectRefusal(await run('plan', 'postgres://me@db.example/x', '--set', 'storage=300'), 64, /--set/)
  here.denied.add('rds:DescribeOrderableDBInstanceOptions')
  await refused({ class: 'db.r6g.xlarge' }, 4, /DescribeOrderable/)
  here.denied.clear()
  expect(changes()).toEqual([])
})

test('is exported as commands that AWS would take', async () => {
  const { file } = await plan({
    class: 'db.r6g.xlarge',
    storage: '240',
    ceiling: '500',
    max_connections: '400',
    lock_timeout: '9000',
    replica: 'yes',
    proxy: 'yes',
    proxy_secret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf',
    proxy_role: 'arn:aws:iam::123456789012:role/proxy',
  })
  for (const format of ['--terraform', '--cloudformation']) {
    const ended = await run('export', file, format)
    expect(ended.code).toBe(0)
    expect(ended.stdout).toContain('db.r6g.xlarge')
  }
  const { stdout, code } = await run('export', file, '--aws-cli')
  expect(code).toBe(0)
  const commands = stdout
    .split('\n')
    .filter(line => line.startsWith('aws rds ') && !line.startsWith('aws rds wait '))
  expect(commands).toHaveLength(12)
  for (const command of commands) {
    const [, verb = ''] = /^aws rds ([a-z-]+)/.exec(command) ?? []
    const allowed = MODIFY_ALLOWED[pascal(verb)]!.map(name => name.toLowerCase())
    const flags = [...command.matchAll(/ --(?:no-)?([a-z-]+)/g)].map(([, flag]) => flag!.replaceAll('-', ''))
    expect(
      flags.filter(flag => !allowed.includes(flag)),
      command,
    ).toEqual([])
  }
  expect(changes()).toEqual([])
})

/** `modify-db-instance` is `ModifyDBInstance`. */
const pascal = (text: string): string =>
  text
    .split('-')
    .map(word => (word === 'db' ? 'DB' : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('')

test('is done by AWS alone where nobody can connect, and not said to be verified', async () => {
  const { file, hash } = await plan({ class: 'db.r6g.xlarge', snapshot: 'no' })
  expect((await run('apply', file)).code).toBe(0)
  expect(existsSync(state)).toBe(false)
  expect(changes()).toEqual([])

  here.denied.add('rds:ModifyDBInstance')
  expectRefusal(await run('apply', file, '--execute', hash, '--unwatched'), 4, /ModifyDBInstance/)
  here.denied.clear()
  // It goes on where it stopped.
  const ended = await run('apply', file, '--execute', hash, '--unwatched', '--json')
  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code: 0 })
  const applied = parsed(ended.stdout)
  expect(applied).toMatchObject({ outcome: 'in-place', operations: [{ state: 'done' }] })
  expect(here.instances[0]?.DBInstanceClass).toBe('db.r6g.xlarge')
  expect((await run('rollback', String(applied.run), '--unwatched')).code).toBe(0)
  expect(here.instances[0]?.DBInstanceClass).toBe('db.r6g.large')
})
