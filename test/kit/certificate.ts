// A self-signed certificate whose time is over.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Certificate } from './postgres.ts'

/** `openssl req` takes no times in the past; `openssl ca` does. */
export const makeExpiredCertificate = (name: string): Certificate => {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-certificate-'))
  const at = (file: string) => join(dir, file)
  mkdirSync(at('new'))
  writeFileSync(at('index'), '')
  writeFileSync(at('serial'), '01')
  writeFileSync(
    at('ca.cnf'),
    `[ca]\ndefault_ca=one\n[one]\ndatabase=${at('index')}\nserial=${at('serial')}\nnew_certs_dir=${at('new')}
default_md=sha256\npolicy=any\nx509_extensions=names\n[any]\ncommonName=supplied\n[names]\nsubjectAltName=DNS:${name}\n`,
  )
  const [certFile, keyFile] = [at('cert.pem'), at('key.pem')]
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: dir })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile]
  openssl('req', '-new', ...key, '-out', at('request.pem'), '-subj', `/CN=${name}`)
  const times = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']
  const signing = ['-selfsign', '-keyfile', keyFile, '-in', at('request.pem'), '-out', certFile, '-notext']
  openssl('ca', '-batch', '-config', at('ca.cnf'), ...times, ...signing)
  return { certFile, keyFile, remove: () => rmSync(dir, { recursive: true, force: true }) }
}
