// The error log of MySQL and MariaDB on RDS, file by file and out of CloudWatch Logs.
import { afterAll, beforeEach, expect, test } from 'vitest'
import { gather, rdsTarget } from '../../src/aws/index.ts'
import { CLOUD_READERS } from '../../src/engines.ts'
import { type Fake, fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, type World, world } from '../kit/aws/world.ts'
import { evidence } from '../kit/evidence.ts'

const MINUTE = 60_000
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE
const AT = NOW - 3 * MINUTE

const here: World = world()
const fake: Fake = await fakeAws(here)
Object.assign(process.env, fake.env)
afterAll(() => fake.close())

const quiet = moved(
  evidence(600, () => ({ signals: { cpu_pct: 5 } })),
  NOW,
)
const iso = (t: number) => new Date(t).toISOString()

/** As each writes it; RDS is at UTC. */
const LINES = {
  mysql: `${iso(AT).replace('Z', '123Z')} 10 [Note] [MY-010926] [Server] Access denied for user 'app'@'10.0.1.7' (using password: YES)`,
  mariadb: `${iso(AT).slice(0, 19).replace('T', ' ')} 10 [Warning] Access denied for user 'app'@'10.0.1.7' (using password: YES)`,
}

const ask = () =>
  gather(rdsTarget('rds:orders@eu-west-1'), {
    ...{ now: NOW, env: {}, since: NOW - 10 * MINUTE, readers: CLOUD_READERS },
  })

beforeEach(() => {
  Object.assign(here, world({ incidents: { orders: quiet } }))
})

test.each(['mysql', 'mariadb'] as const)('%s: out of its files', async Engine => {
  here.instances = [instance('orders', { Engine, EngineVersion: '10.11.6', DBParameterGroups: [] })]
  here.logs.orders = [{ name: 'error/mysql-error-running.log', text: `${LINES[Engine]}\n`, writtenAt: NOW }]
  const { testimony, skipped } = await ask()
  expect(testimony?.failures).toMatchObject([
    { t: AT, failure: 'authentication-failed', user: 'app', host: '10.0.1.7', count: 1 },
  ])
  // Refusals for want of a slot stand in no error log: it is no proof that there were none.
  expect(testimony?.complete).toBe(false)
  expect(skipped.map(({ check }) => check)).not.toContain('server log')
})

test('published, it is read there', async () => {
  here.instances = [
    instance('orders', {
      ...{ Engine: 'mysql', EngineVersion: '8.0.39', DBParameterGroups: [] },
      EnabledCloudwatchLogsExports: ['error'],
    }),
  ]
  here.groups['/aws/rds/instance/orders/error'] = [{ stream: 'orders', at: AT, message: LINES.mysql }]
  const { testimony, calls } = await ask()
  expect(testimony?.failures).toMatchObject([{ failure: 'authentication-failed', user: 'app', count: 1 }])
  expect(calls['rds:DownloadDBLogFilePortion']).toBeUndefined()
})
