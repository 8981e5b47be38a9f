// GetSecretValue of AWS Secrets Manager on loopback: strict about what it is asked, and failing as it is told.
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { AWS_ENV, KEYS } from './token.ts'

/** A value, or the exception that stands for it. */
type Answer = { value: string } | { error: string; status?: number; message?: string }

export interface Secrets {
  /** What a process needs to ask here. */
  env: Record<string, string>
  answers: Map<string, Answer>
  /** Ids that were asked for, in order. */
  asked: string[]
  /** Regions that requests were signed for. */
  regions: string[]
  close(): Promise<void>
}

export const startSecrets = async (): Promise<Secrets> => {
  const [answers, asked, regions] = [new Map<string, Answer>(), [] as string[], [] as string[]]
  const server = createServer(async (request, response) => {
    const wrong = complaint(request)
    const { SecretId: id } = JSON.parse(await text(request)) as { SecretId: string }
    asked.push(id)
    regions.push(SIGNED.exec(request.headers.authorization ?? '')?.[1] ?? '')
    const answer: Answer = wrong
      ? { error: 'IncompleteSignature', message: wrong }
      : (answers.get(id) ?? { error: 'ResourceNotFoundException' })
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    if ('value' in answer) {
      response.end(JSON.stringify({ ARN: `arn:${id}`, Name: id, VersionId: 'v', SecretString: answer.value }))
    } else {
      const { error, status = 400, message = 'no' } = answer
      response.writeHead(status).end(JSON.stringify({ __type: error, message }))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: {
      ...AWS_ENV,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_MAX_ATTEMPTS: '1',
    },
    answers,
    asked,
    regions,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const SIGNED = new RegExp(
  `^AWS4-HMAC-SHA256 Credential=${KEYS.id}/\\d{8}/([a-z0-9-]+)/secretsmanager/aws4_request, ` +
    'SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$',
)

const complaint = ({ method, url, headers }: IncomingMessage): string | undefined => {
  if (method !== 'POST' || url !== '/') return 'not a POST to /'
  if (headers['content-type'] !== 'application/x-amz-json-1.1') return 'content-type'
  if (headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') return 'x-amz-target'
  if (headers['x-amz-security-token'] !== KEYS.session) return 'x-amz-security-token'
  return SIGNED.test(headers.authorization ?? '') ? undefined : 'authorization'
}
