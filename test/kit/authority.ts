// A certificate authority of a test, and the certificates it signs: for any name, valid or over.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Signed {
  certFile: string
  keyFile: string
}

export interface Authority {
  /** What a client has to trust. */
  caFile: string
  /** `names` as in `DNS:localhost`; with negative days it is over already. */
  issue(names: string[], days?: number): Signed
  remove(): void
}

export const makeAuthority = (name = 'Spillway test authority'): Authority => {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-authority-'))
  const [caFile, caKey] = [join(dir, 'ca.pem'), join(dir, 'ca.key')]
  openssl('req', '-x509', ...newKey(caKey), '-out', caFile, '-days', '2', '-subj', `/CN=${name}`)
  let issued = 0
  return {
    caFile,
    issue: (names, days = 2) => {
      const base = join(dir, String(issued++))
      const [request, extensions] = [`${base}.csr`, `${base}.ext`]
      const files = { certFile: `${base}.pem`, keyFile: `${base}.key` }
      writeFileSync(extensions, `subjectAltName=${names.join(',')}\n`)
      openssl('req', ...newKey(files.keyFile), '-out', request, '-subj', '/CN=a server')
      const signing = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-extfile', extensions]
      openssl('x509', '-req', '-in', request, ...signing, '-days', String(days), '-out', files.certFile)
      return files
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const newKey = (file: string): string[] => [
  ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file],
]

const openssl = (...args: string[]): void => {
  execFileSync('openssl', args, { stdio: 'ignore' })
}
