// Where the password comes from: the target, else the password file (`PGPASSFILE`, `~/.pgpass`), read when asked for.
import pgpass from 'pgpass'
import type { PostgresTarget } from './target.ts'

/** The server asked for a password and nobody gave one. */
export class NoPasswordError extends Error {
  constructor() {
    super('the server asks for a password and none was given')
    this.name = 'NoPasswordError'
  }
}

/** Throws NoPasswordError. */
export const passwordOf = async (target: PostgresTarget): Promise<string> => {
  const { host, port, user, database } = target
  const password =
    target.password ??
    (await new Promise<string | undefined>(found => pgpass({ host, port, user, database }, found)))
  if (password === undefined || password === '') throw new NoPasswordError()
  return password
}
