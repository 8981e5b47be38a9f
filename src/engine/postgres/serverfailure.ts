// A refusal by PostgreSQL itself → the common word. One SQLSTATE has several meanings: the place in the server's source that
// raised it tells them apart in every language, the English text where the place is not handed on (logs, poolers).
import type { Failure } from '../../model/index.ts'

/** What a server says no with. */
export interface Refusal {
  /** SQLSTATE. */
  code: string
  message: string
  /** The function that raised it, the error field `R`: the same in PostgreSQL 12 to 18. */
  routine?: string | undefined
  /** Whether TLS was tried on this connection; undefined where nobody knows, as in a log. */
  triedTls?: boolean | undefined
}

/** Undefined for a code that has one meaning only. */
export const serverFailure = (refusal: Refusal): Failure | undefined => {
  switch (refusal.code) {
    case '53300':
      return slotFailure(refusal)
    case '28000':
      return loginFailure(refusal)
    case '57P03':
      return stateFailure(refusal.message)
    default:
      // The postmaster's own words for a fork that failed carry whatever code errno maps to.
      return /could not fork new process/.test(refusal.message) ? 'out-of-memory' : undefined
  }
}

/** Four ceilings. The name of the role in the reserved text changes with version and provider. */
export const slotFailure = ({ message, routine = '' }: Pick<Refusal, 'message' | 'routine'>): Failure => {
  const known = CEILINGS[routine]
  if (known !== undefined) return known
  if (/too many connections for role/.test(message)) return 'role-limit'
  if (/too many connections for database/.test(message)) return 'database-limit'
  return /slots are reserved/.test(message) ? 'reserved-slots-only' : 'slots-exhausted'
}

/** Every other place (`InitProcess`, `BackendInitialize`, …) looks for a free slot and finds none. */
const CEILINGS: Record<string, Failure> = {
  InitializeSessionUserId: 'role-limit',
  CheckMyDatabase: 'database-limit',
  InitPostgres: 'reserved-slots-only',
}

const loginFailure = (refusal: Refusal): Failure => {
  const { message, routine = '' } = refusal
  if (routine === 'auth_failed') return 'authentication-failed'
  if (routine === 'ClientAuthentication' || /pg_hba\.conf/.test(message)) return hbaFailure(refusal)
  return /authentication failed/.test(message) ? 'authentication-failed' : 'not-permitted'
}

/** Whoever tried TLS is not refused for the want of it: the server offers none, or the line does not ask for it. */
const hbaFailure = ({ message, triedTls }: Refusal): Failure => {
  const isSocket = message.includes('"[local]"')
  const isPlain = triedTls === undefined ? /no encryption|SSL off/.test(message) : !triedTls
  return isPlain && !isSocket ? 'tls-required' : 'not-permitted'
}

/** Starting, recovering and stopping are one code from one place: here the words decide. */
export const stateFailure = (message: string): Failure =>
  STOPPING.some(words => message.includes(words)) ? 'server-stopping' : 'server-starting'

/** "The database system is shutting down" in the languages of PostgreSQL 15 (`postgres-15.mo`). */
const STOPPING = [
  'shutting down',
  'das Datenbanksystem fährt herunter',
  'el sistema de base de datos está apagándose',
  "le système de base de données s'arrête",
  'il database si sta spegnendo',
  'データベースシステムはシャットダウンしています',
  'მონაცემთა ბაზის სისტემა ითიშება',
  '데이터베이스 시스템이 중지 중입니다',
  'система баз данных останавливается',
  'databassystemet stänger ner',
  'система бази даних завершує роботу',
  '数据库系统停止中',
]
