// What `doctor` says of the way to the server.
import type { Check } from '../model/index.ts'
import type { Verification } from './trust.ts'

/** `mode` is what a target says for every check of the certificate; `switchOn` mends a server that has no TLS. */
export const tlsChecks = (
  verified: Verification | undefined,
  isLocal: boolean,
  { mode, switchOn }: { mode: string; switchOn?: string },
): Check[] => {
  if (verified === undefined) {
    const finding = 'the connection is not encrypted'
    const fix = switchOn ?? `add ${mode} to the target`
    return [
      isLocal
        ? { name: 'tls', ok: true, finding: `${finding}, and local` }
        : { name: 'tls', ok: false, finding, fix },
    ]
  }
  const certificate: Check = { name: 'certificate', ok: verified === 'name', finding: FOUND[verified] }
  const better = `add ${mode} to the target, and --ssl-ca FILE with the authority that signed`
  return [
    { name: 'tls', ok: true, finding: 'the connection is encrypted' },
    certificate.ok || isLocal ? { ...certificate, ok: true } : { ...certificate, fix: better },
  ]
}

const FOUND: Record<Verification, string> = {
  none: 'not checked: whoever stands in between could be the server',
  chain: 'signed by an authority that is trusted; the name in it is not checked',
  name: 'signed by an authority that is trusted, for this host',
}
