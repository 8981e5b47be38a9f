// Named sets of parameters, in files that libpq's clients share.
// https://www.postgresql.org/docs/current/libpq-pgservice.html
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unparsable } from '../../dial/index.ts'

/** Where Debian's and most other packages of PostgreSQL look when `PGSYSCONFDIR` is not set. */
const SYSTEM_FOLDER = '/etc/postgresql-common'

/**
 * The parameters of a service: of the user's file, else of the system's. As in libpq, the first of two equal names
 * counts, and a file named by `PGSERVICEFILE` has to exist. Throws AppError `target-unparsable`; no value of a file is
 * ever part of the message.
 */
export const readService = (service: string, env: NodeJS.ProcessEnv): Record<string, string> => {
  const named = env.PGSERVICEFILE
  if (named && !existsSync(named)) {
    throw unparsable(`the service file ${named} does not exist`, 'set PGSERVICEFILE, or leave it out')
  }
  const files = [
    named || (env.HOME && join(env.HOME, '.pg_service.conf')),
    join(env.PGSYSCONFDIR || SYSTEM_FOLDER, 'pg_service.conf'),
  ]
  for (const file of files) {
    if (!file || !existsSync(file)) continue
    const found = groupIn(textOf(file), service, file)
    if (found !== undefined) return found
  }
  throw unparsable(
    `there is no service ${JSON.stringify(service)}`,
    `a group [${service}] in ${files.filter(Boolean).join(' or ')}`,
  )
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw unparsable(`the service file ${file} cannot be read (${code})`, 'see its permissions')
  }
}

const groupIn = (text: string, service: string, file: string): Record<string, string> | undefined => {
  let found: Record<string, string> | undefined
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('[')) {
      if (found !== undefined) break
      if (line.startsWith(`[${service}]`)) found = {}
    } else if (found !== undefined) {
      const equals = line.indexOf('=')
      const name = line.slice(0, equals)
      // No blanks around the sign: libpq would take them for a part of the name.
      if (!/^[a-z_]+$/.test(name)) {
        throw unparsable(`line ${at + 1} of ${file} does not parse`, 'name=value, without blanks around =')
      }
      if (name === 'service')
        throw unparsable(`line ${at + 1} of ${file} names another service`, 'services do not nest')
      found[name] ??= line.slice(equals + 1)
    }
  }
  return found
}
