// What AWS or its SDK throws → one line and a hint. No text of theirs beyond its first line: the rest may quote what was signed.
import { DeadlineError } from '../dial/index.ts'
import { AppError, type ErrorCode } from '../model/index.ts'

/** `what` was asked for, in words: "the secret orders". */
export const appErrorOf = (error: unknown, what: string): AppError => {
  if (error instanceof AppError) return error
  const { name, code, message } = error as { name?: string; code?: string; message?: string }
  if (message === 'Region is missing')
    return new AppError('option-invalid', `no AWS region is known for ${what}`, 'add --region REGION', error)
  const [answer, hint] = ANSWERS[name ?? ''] ?? ANSWERS[code ?? ''] ?? unknown(error)
  const [line = ''] = (message ?? '').split('\n')
  const native = [code ?? name, line.replace(/\p{Cc}+/gu, ' ').slice(0, MAX_MESSAGE)]
    .filter(Boolean)
    .join(': ')
  return new AppError(answer, `${what} was not got from AWS (${native})`, hint, error)
}

/** Longest message of theirs that is kept, in characters. */
const MAX_MESSAGE = 200

type Answer = [ErrorCode, hint: string]

const NO_CREDENTIALS: Answer = [
  'credentials-missing',
  'aws sts get-caller-identity says who you are; --profile NAME chooses another',
]
const EXPIRED: Answer = ['credentials-missing', 'the credentials have expired: log in again (aws sso login)']
const WRONG: Answer = [
  'credentials-missing',
  'AWS does not know these credentials; see AWS_ACCESS_KEY_ID and --profile',
]
const UNKNOWN: Answer = [
  'secret-unreadable',
  'see aws secretsmanager list-secrets, and --region and --profile',
]
const DENIED: Answer = [
  'secret-unreadable',
  'it takes secretsmanager:GetSecretValue, and kms:Decrypt where the secret has a key of its own',
]
const BUSY: Answer = ['no-answer', 'AWS did not answer in time; try again in a moment']
const UNREACHED: Answer = ['no-answer', 'check the network, the proxy, and AWS_ENDPOINT_URL']

/** By name of the exception, or by code of the machine. */
const ANSWERS: Record<string, Answer> = {
  CredentialsProviderError: NO_CREDENTIALS,
  TokenProviderError: EXPIRED,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  RequestExpired: EXPIRED,
  UnrecognizedClientException: WRONG,
  InvalidClientTokenId: WRONG,
  InvalidSignatureException: WRONG,
  SignatureDoesNotMatch: WRONG,
  IncompleteSignature: WRONG,
  ResourceNotFoundException: UNKNOWN,
  InvalidParameterException: UNKNOWN,
  InvalidRequestException: UNKNOWN,
  AccessDeniedException: DENIED,
  DecryptionFailure: DENIED,
  ThrottlingException: BUSY,
  InternalServiceError: BUSY,
  TimeoutError: BUSY,
  ECONNREFUSED: UNREACHED,
  ECONNRESET: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENOTFOUND: UNREACHED,
  EAI_AGAIN: UNREACHED,
  ETIMEDOUT: UNREACHED,
}

const unknown = (error: unknown): Answer => (error instanceof DeadlineError ? BUSY : UNKNOWN)
