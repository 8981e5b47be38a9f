// The clients of RDS, EC2, CloudWatch and its Logs against another implementation of their APIs: the wire is not only our own idea of it.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { discover, gather, rdsTarget } from '../../src/aws/index.ts'
import { CLOUD_READERS } from '../../src/engines.ts'
import { furnish } from '../kit/furnished.ts'
import { hasMoto, type Moto, startMoto } from '../kit/moto.ts'
import { describeWith } from '../kit/require.ts'
import { AWS_ENV } from '../kit/token.ts'

describeWith('moto', hasMoto, () => {
  let moto: Moto
  beforeAll(async () => {
    moto = await startMoto()
    const env = {
      ...AWS_ENV,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: moto.url,
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
    await furnish({
      ports: [5432, 5432],
      parameter: { ParameterName: 'max_connections', ParameterValue: '321', ApplyMethod: 'pending-reboot' },
      more: {
        DBInstanceClass: 'db.r6g.xlarge',
        EnableCloudwatchLogsExports: ['postgresql'],
        Tags: [{ Key: 'team', Value: 'orders' }],
      },
    })
    await publish()
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await moto?.close()
  })

  const ask = (id: string, more: object = {}) =>
    gather(rdsTarget(`rds:${id}@eu-west-1`), { now: Date.now(), env: {}, ...more })

  test('an instance, its group, its network and its events', async () => {
    const { evidence, calls } = await ask('orders', { client: '10.9.0.7' })
    expect(evidence.target).toMatchObject({
      engine: 'postgres',
      vcpus: 4,
      instanceClass: 'db.r6g.xlarge',
      memoryBytes: 32 * 1024 ** 3,
    })
    expect(evidence.limits?.maxConnections).toBe(321)
    const network = evidence.events.filter(({ source }) => source === 'network')
    expect(network.map(({ kind }) => kind)).toEqual(['open'])
    expect(evidence.events.some(({ source }) => source === 'rds')).toBe(true)
    expect(calls['ec2:DescribeSecurityGroups']).toBe(1)
  })

  test('a client that no rule lets in', async () => {
    const { evidence } = await ask('orders', { client: '10.8.0.7' })
    const kinds = evidence.events.filter(({ source }) => source === 'network').map(({ kind }) => kind)
    expect(kinds).toContain('shut-security-group')
  })

  test('the log that it publishes', async () => {
    const { testimony, calls } = await ask('orders', { readers: CLOUD_READERS, since: Date.now() - 600_000 })
    expect(testimony?.failures).toMatchObject([{ failure: 'authentication-failed', user: 'web', count: 1 }])
    expect(calls['logs:FilterLogEvents']).toBeGreaterThan(0)
  })

  test('databases by their tags', async () => {
    const found = async (tag: string) =>
      (await discover([tag], { region: 'eu-west-1' }, {})).map(one => one.target)
    expect(await found('team=orders')).toEqual(['rds:orders@eu-west-1'])
    expect(await found('team=sales')).toEqual([])
  })

  test('an instance that is not there', async () => {
    await expect(ask('nope')).rejects.toMatchObject({ code: 'instance-unknown' })
  })
})

/** A refused login, a minute ago. */
async function publish(): Promise<void> {
  const logs = new CloudWatchLogsClient({})
  const at = Date.now() - 60_000
  const stamp = new Date(at).toISOString().replace('T', ' ').slice(0, 19)
  const message = `${stamp} UTC:10.0.1.7(51234):web@orders:[812]:FATAL:  password authentication failed for user "web"`
  const stream = { logGroupName: '/aws/rds/instance/orders/postgresql', logStreamName: 'orders.0' }
  await logs.send(new CreateLogGroupCommand({ logGroupName: stream.logGroupName }))
  await logs.send(new CreateLogStreamCommand(stream))
  await logs.send(new PutLogEventsCommand({ ...stream, logEvents: [{ timestamp: at, message }] }))
}
