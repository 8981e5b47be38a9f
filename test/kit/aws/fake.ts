// A loopback AWS: the used parts of RDS, Performance Insights, CloudWatch and EC2, strict where AWS is strict.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cloudwatch } from './cloudwatch.ts'
import { ec2 } from './ec2.ts'
import { insights } from './insights.ts'
import { logs } from './logs.ts'
import { rds } from './rds.ts'
import { asEc2, asJson, asQuery, Refusal } from './refusal.ts'
import { checkSignature } from './signature.ts'
import { world as elsewhere, type World } from './world.ts'
import { formOf } from './xml.ts'

export interface Fake {
  url: string
  /** Actions in the order in which they came, retries included. */
  calls: string[]
  /** What a process needs to reach it, and nothing but it. */
  env: Record<string, string>
  close(): Promise<void>
}

export async function fakeAws(world: World): Promise<Fake> {
  const calls: string[] = []
  const server = createServer((request, response) => void serve(request, response, world, calls))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    calls,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: world.keys.id,
      AWS_SECRET_ACCESS_KEY: world.keys.secret,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The prefix of IAM actions by the name that signatures have. */
const SERVICES: Record<string, string> = {
  rds: 'rds',
  pi: 'pi',
  monitoring: 'cloudwatch',
  logs: 'logs',
  ec2: 'ec2',
}

async function serve(request: IncomingMessage, response: ServerResponse, given: World, calls: string[]) {
  const body = (await request.setEncoding('utf8').toArray()).join('')
  const now = Date.now() + given.aheadMs
  const target = request.headers['x-amz-target']
  const form = target === undefined ? formOf(body) : {}
  const operation = target === undefined ? String(form.Action) : String(target).split('.')[1]!
  const signed = checkSignature(request, body, given.keys, now)
  const service = signed.ok ? (SERVICES[signed.service] ?? signed.service) : 'unknown'
  const action = `${service}:${operation}`
  calls.push(action)
  if (given.silent.has(action)) return
  const json = target !== undefined
  const answer = (status: number, text: string) => {
    const lost = given.lost.get(action) ?? 0
    given.lost.set(action, lost - 1)
    if (lost > 0) return response.destroy()
    return response
      .writeHead(status, {
        'content-type': json ? String(request.headers['content-type']) : 'text/xml',
        date: new Date(now).toUTCString(),
      })
      .end(text)
  }
  try {
    if (!signed.ok) throw new Refusal(signed.code, signed.message, 403)
    admit(given, action, json)
    // Every region has an API of its own, and in the others there is nothing.
    const world = signed.region === given.region ? given : elsewhere()
    if (service === 'rds') answer(200, rds(world, operation, form, now))
    else if (service === 'ec2') answer(200, ec2(world, operation, form))
    else if (service === 'pi') answer(200, insights(world, operation, JSON.parse(body), now))
    else if (service === 'logs') answer(200, logs(world, operation, JSON.parse(body)))
    else if (service === 'cloudwatch') answer(200, cloudwatch(world, operation, JSON.parse(body), now))
    else throw new Refusal('InvalidAction', `no ${service} here`)
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('InternalFailure', String(error), 500)
    const form = service === 'ec2' ? asEc2 : json ? asJson : asQuery
    answer(refusal.status, form(refusal))
  }
}

/** What every service checks before it looks at the request. */
function admit(world: World, action: string, json: boolean): void {
  if (world.expired)
    throw new Refusal(
      json ? 'ExpiredTokenException' : 'ExpiredToken',
      'The security token included in the request is expired',
      403,
    )
  const left = world.throttled.get(action) ?? 0
  if (left > 0) {
    world.throttled.set(action, left - 1)
    throw new Refusal(json ? 'ThrottlingException' : 'Throttling', 'Rate exceeded')
  }
  if (!world.denied.has(action)) return
  const who = `User: arn:aws:iam::123456789012:user/me is not authorized to perform: ${action}`
  if (action.startsWith('ec2:')) throw new Refusal('UnauthorizedOperation', who, 403)
  if (action.startsWith('pi:')) throw new Refusal('NotAuthorizedException', who)
  throw new Refusal(json ? 'AccessDeniedException' : 'AccessDenied', who, 403)
}
