// pg_dump, of this version or a later one: an earlier one refuses.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../../model/index.ts'
import { type LabServer, SHOP_DATABASE } from '../engine.ts'
import { HOST } from '../loopback.ts'

const DEBIAN = '/usr/lib/postgresql'
const JOBS = 6

/** Six jobs at a time, into a folder of the server's; it locks nobody out, in any case. */
export const postgresDumps = (server: LabServer, user: string): string[][] => {
  const target = join(server.dir, 'dump')
  const from = ['-h', HOST, '-p', String(server.port), '-U', user, SHOP_DATABASE]
  return [
    [
      '/bin/sh',
      '-c',
      'rm -rf "$0"; exec "$@"',
      target,
      program(),
      ...from,
      '-w',
      '-Z0',
      '-Fd',
      '-j',
      String(JOBS),
      '-f',
      target,
    ],
  ]
}

const program = (): string => {
  const majors = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : []).map(Number).sort((a, b) => b - a)
  const found = majors.map(major => join(DEBIAN, String(major), 'bin/pg_dump')).find(existsSync)
  if (found === undefined)
    throw new AppError(
      'binaries-missing',
      'no pg_dump was found',
      'Debian: apt-get install postgresql-client',
    )
  return found
}
