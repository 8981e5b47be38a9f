// Tokens of IAM, verified as AWS documents the signature, with nothing of the SDK:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
import { createHash, createHmac } from 'node:crypto'

/** Long-lived keys, and a session's. They open nothing. */
export const KEYS = {
  id: 'AKIDEXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  session: 'session+/=',
}

export const AWS_ENV = {
  AWS_ACCESS_KEY_ID: KEYS.id,
  AWS_SECRET_ACCESS_KEY: KEYS.secret,
  AWS_SESSION_TOKEN: KEYS.session,
  AWS_EC2_METADATA_DISABLED: 'true',
}

export interface Token {
  /** `host:port` it is good for. */
  endpoint: string
  user: string
  region: string
  /** `20260102T030405Z`. */
  date: string
  expiresS: number
  /** As the token has it, and as it has to be. */
  signature: string
  expected: string
}

export const readToken = (token: string): Token => {
  const [endpoint = '', query = ''] = token.split('/?')
  const pairs = query.split('&').map(pair => pair.split('=') as [string, string])
  const field = (name: string) => decodeURIComponent(pairs.find(([key]) => key === name)?.[1] ?? '')
  const date = field('X-Amz-Date')
  const scope = field('X-Amz-Credential').split('/').slice(1)
  const signed = pairs
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${name}=${value}`)
    .sort()
  const request = ['GET', '/', signed.join('&'), `host:${endpoint}`, '', 'host', sha256('')].join('\n')
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(request)].join('\n')
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${KEYS.secret}`)
  return {
    endpoint,
    user: field('DBUser'),
    region: scope[1] ?? '',
    date,
    expiresS: Number(field('X-Amz-Expires')),
    signature: field('X-Amz-Signature'),
    expected: hmac(key, text).toString('hex'),
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
