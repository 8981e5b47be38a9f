// What AWS answers when it does not answer: one line, a hint, and whether the rest can go on without it.
import { AppError } from '../../model/index.ts'
import { ACTIONS, isDeclared } from './action.ts'
import { TooManyCalls } from './gate.ts'

/** Nothing else will work either: the run ends. */
export const isFatal = (error: AppError): boolean =>
  ['credentials-missing', 'instance-unknown', 'option-invalid'].includes(error.code)

const DENIED =
  /^(?:AccessDenied(?:Exception)?|UnauthorizedOperation|NotAuthorizedException|NotAuthorized|Client\.UnauthorizedOperation)$/
const EXPIRED = /^(?:ExpiredToken(?:Exception)?|TokenRefreshRequired|RequestExpired)$/
const UNKNOWN_KEY =
  /^(?:InvalidClientTokenId|UnrecognizedClientException|AuthFailure|IncompleteSignature(?:Exception)?|MissingAuthenticationToken(?:Exception)?|OptInRequired)$/
const SIGNATURE = /^(?:SignatureDoesNotMatch|InvalidSignatureException|RequestTimeTooSkewed)$/
/** Both are told as a signature that does not match. */
const SKEW = /signature (?:expired|not yet current)|too skewed/i
const THROTTLED = /^(?:Throttl\w+|TooManyRequestsException|RequestLimitExceeded|SlowDown|LimitExceeded\w*)$/
const NETWORK =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|EPROTO)$/

/** Makes of whatever went wrong an AppError in the operator's words; `action`: what was called, or what was wanted in words. */
export function awsFailure(error: unknown, action: string, region: string): AppError {
  if (error instanceof AppError) return error
  const { name, message, code } = wordsOf(error)
  const say = (which: AppError['code'], what: string, hint: string) => new AppError(which, what, hint, error)
  if (DENIED.test(name))
    return say(
      'aws-denied',
      `${action} is not permitted`,
      `Allow ${action}: spillway iam-policy ${changes(action) ? '--apply' : '--read'} prints it.`,
    )
  if (EXPIRED.test(name) || /token (?:included in the request )?is expired|token has expired/i.test(message))
    return say(
      'credentials-missing',
      'the AWS session has expired',
      'Log in again (aws sso login), or renew the keys.',
    )
  if (SIGNATURE.test(name) && SKEW.test(message))
    return say(
      'credentials-missing',
      "the clock of this machine is too far from AWS's for a signature",
      'Set the clock (timedatectl, chronyc makestep), then try again.',
    )
  if (UNKNOWN_KEY.test(name) || SIGNATURE.test(name))
    return say(
      'credentials-missing',
      `AWS does not accept these credentials (${name})`,
      'aws sts get-caller-identity shows who you are.',
    )
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return say('credentials-missing', 'there are no AWS credentials', noCredentialsHint(message))
  if (/region is missing/i.test(message))
    return say(
      'option-invalid',
      'no AWS region is known',
      'Name it: rds:ID@eu-west-1, --region, or AWS_REGION.',
    )
  if (THROTTLED.test(name)) return say('no-answer', `AWS throttles ${action}`, 'Try again in a minute.')
  if (error instanceof TooManyCalls)
    return say('no-answer', message, 'Ask for a shorter time (--since, --until).')
  if (name === 'TimeoutError' || name === 'AbortError' || NETWORK.test(code))
    return say(
      'no-answer',
      `AWS in ${region} does not answer ${action}${code ? ` (${code})` : ''}`,
      'Check the region, the proxy and AWS_ENDPOINT_URL.',
    )
  return say('aws-refused', `${action}: ${name}: ${oneLine(message)}`, 'The message is from AWS.')
}

const changes = (action: string): boolean => isDeclared(action) && 'apply' in ACTIONS[action]

const noCredentialsHint = (message: string): string =>
  /profile/i.test(message)
    ? 'Check the name given by --profile or AWS_PROFILE.'
    : 'Check --profile or AWS_PROFILE, log in (aws sso login), or give AWS_ACCESS_KEY_ID.'

function wordsOf(error: unknown): { name: string; message: string; code: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), code: '' }
  const { code } = error as NodeJS.ErrnoException
  return { name: error.name, message: error.message, code: typeof code === 'string' ? code : '' }
}

const oneLine = (text: string): string => text.split('\n', 1)[0]!.slice(0, 300)
