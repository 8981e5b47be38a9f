// One entry of a log in the words all formats share. Statements, details and hints are never taken over.

export interface Entry {
  /** As it is written; empty when the entry has none. */
  time: string
  /** In the language of the server. */
  severity: string
  /** SQLSTATE; empty when the log does not have it. */
  code: string
  message: string
  /** The server's function that raised it, which no language changes: csvlog and jsonlog at `log_error_verbosity = verbose`. */
  routine?: string
  /** Process id of the backend; empty when the entry does not have it. */
  session: string
  /** In PgBouncer's log: which side of it the line is about. */
  pooler?: 'client' | 'server'
  user?: string
  database?: string
  application?: string
  /** Address or name; `local` for a socket. */
  host?: string
}

/** One format of the log. */
export interface Format {
  name: 'stderr' | 'csvlog' | 'jsonlog' | 'pgbouncer'
  /** The entry that this line completes, if it completes one that matters. */
  read(text: string, quotesLost: number): Entry | undefined
  /** Another file begins: what is half read will not be completed. */
  restart(): void
}

type Who = Pick<Entry, 'user' | 'database' | 'application' | 'host'>

/** Longest name that is kept; the server cuts its own at 63 bytes. */
const MAX_NAME = 100

/** Who it was about, without what is empty or unknown. */
export const whoOf = (names: Record<keyof Who, string | undefined>): Who => {
  const who: Who = {}
  for (const key of ['user', 'database', 'application', 'host'] as const) {
    const name = names[key]
    if (name === undefined || name === '' || name === '[unknown]') continue
    who[key] = name === '[local]' ? 'local' : name.replace(UNSEEN, '�').slice(0, MAX_NAME)
  }
  return who
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
