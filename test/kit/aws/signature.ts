// Checks Signature Version 4 of a request, by the documented steps: AWS takes no request without it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface Keys {
  id: string
  secret: string
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/
/** How far a signature's time may be from the server's, milliseconds. */
const SKEW_MS = 5 * 60_000

export type Verdict =
  | { ok: true; service: string; region: string }
  | {
      ok: false
      code: 'MissingAuthenticationToken' | 'InvalidClientTokenId' | 'SignatureDoesNotMatch'
      message: string
    }

export function checkSignature(
  request: IncomingMessage,
  body: string,
  { id, secret }: Keys,
  now: number,
): Verdict {
  const header = HEADER.exec(request.headers.authorization ?? '')
  if (!header) return refuse('MissingAuthenticationToken', 'Request is missing Authentication Token')
  const [, key, day, region, service, names, signature] = header as unknown as string[]
  if (key !== id)
    return refuse('InvalidClientTokenId', 'The security token included in the request is invalid.')
  const stamp = String(request.headers['x-amz-date'])
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(at - now) <= SKEW_MS))
    return refuse(
      'SignatureDoesNotMatch',
      `Signature expired: ${stamp} is now earlier than the server's time`,
    )
  const canonical = [
    request.method,
    request.url,
    '',
    ...names!.split(';').map(name => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    names,
    sha256(body),
  ].join('\n')
  const text = [
    'AWS4-HMAC-SHA256',
    stamp,
    `${day}/${region}/${service}/aws4_request`,
    sha256(canonical),
  ].join('\n')
  const signing = [day!, region!, service!, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secret}`)
  return hmac(signing, text).toString('hex') === signature
    ? { ok: true, service: service!, region: region! }
    : refuse(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided.',
      )
}

const refuse = (code: Exclude<Verdict, { ok: true }>['code'], message: string): Verdict => ({
  ok: false,
  code,
  message,
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()
