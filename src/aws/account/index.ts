// One account for all calls to AWS: retries, deadlines, a count. A client is loaded when it is first used.
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { EC2Client } from '@aws-sdk/client-ec2'
import type { PIClient } from '@aws-sdk/client-pi'
import type { RDSClient } from '@aws-sdk/client-rds'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { AppError } from '../../model/index.ts'
import type { Action } from './action.ts'
import { awsFailure } from './failure.ts'
import { CallLedger, gated } from './gate.ts'
import { type Identity, isRegion, regionOf, sdkIdentity } from './identity.ts'

/** Of one attempt: to connect, and to answer, milliseconds. */
const CONNECT_MS = 3_000
const ANSWER_MS = 10_000
/** Of one call with all its attempts, milliseconds. */
const CALL_MS = 30_000
const MAX_ATTEMPTS = 4

interface Clients {
  rds: RDSClient
  pi: PIClient
  cloudwatch: CloudWatchClient
  logs: CloudWatchLogsClient
  ec2: EC2Client
  secretsmanager: SecretsManagerClient
}

type Service = keyof Clients

export class Account {
  readonly #identity: Identity
  readonly #clients = new Map<Service, Promise<Clients[Service]>>()
  readonly ledger: CallLedger
  /** For people. */
  readonly region: string

  /** `mostCalls`: where a change is waited for it takes more than a diagnosis does. */
  constructor(identity: Identity, env: NodeJS.ProcessEnv, mostCalls?: number) {
    this.ledger = new CallLedger(mostCalls)
    // The SDK reads AWS_REGION, but not the name that the command line of AWS knows as well.
    const where = regionOf(identity.region, env.AWS_REGION, env.AWS_DEFAULT_REGION)
    if (where.region !== undefined && !isRegion(where.region))
      throw new AppError(
        'option-invalid',
        `${JSON.stringify(where.region)} is not the name of an AWS region`,
        'Give --region or AWS_REGION one like eu-west-1.',
      )
    this.#identity = { ...identity, ...where }
    this.region = where.region ?? 'the region of the profile'
  }

  /** The same for the same answers. */
  get who(): string {
    const { region = '', profile = '', roleArn = '' } = this.#identity
    return [region, profile, roleArn].join(' ')
  }

  /** One call of a declared action, retries and all, within its deadline in milliseconds. Throws AppError. */
  async call<S extends Service, T>(
    action: Action & `${S}:${string}`,
    send: (client: Clients[S], options: { abortSignal: AbortSignal }) => Promise<T>,
    signal?: AbortSignal,
    withinMs = CALL_MS,
  ): Promise<T> {
    const deadline = AbortSignal.timeout(withinMs)
    try {
      const client = await this.#client(action.slice(0, action.indexOf(':')) as S)
      return await send(client, { abortSignal: signal ? AbortSignal.any([signal, deadline]) : deadline })
    } catch (error) {
      signal?.throwIfAborted()
      throw awsFailure(error, action, this.region)
    }
  }

  close(): void {
    for (const client of this.#clients.values()) void client.then(made => made.destroy())
  }

  #client<S extends Service>(service: S): Promise<Clients[S]> {
    const known = this.#clients.get(service)
    const made = known ?? MAKE[service](configOf(this.#identity, service, this.ledger))
    this.#clients.set(service, made)
    return made as Promise<Clients[S]>
  }
}

async function configOf(identity: Identity, service: Service, ledger: CallLedger) {
  const { NodeHttpHandler } = await import('@smithy/node-http-handler')
  const wire = new NodeHttpHandler({
    connectionTimeout: CONNECT_MS,
    requestTimeout: ANSWER_MS,
    throwOnRequestTimeout: true,
  })
  return {
    ...(await sdkIdentity(identity)),
    retryMode: 'adaptive',
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: gated(wire, service, ledger),
  }
}

type Config = ReturnType<typeof configOf>

const MAKE: { [S in Service]: (config: Config) => Promise<Clients[S]> } = {
  rds: async config => new (await import('@aws-sdk/client-rds')).RDSClient(await config),
  pi: async config => new (await import('@aws-sdk/client-pi')).PIClient(await config),
  cloudwatch: async config => new (await import('@aws-sdk/client-cloudwatch')).CloudWatchClient(await config),
  logs: async config =>
    new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogsClient(await config),
  ec2: async config => new (await import('@aws-sdk/client-ec2')).EC2Client(await config),
  secretsmanager: async config =>
    new (await import('@aws-sdk/client-secrets-manager')).SecretsManagerClient(await config),
}
