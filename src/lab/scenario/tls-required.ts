// From now on the server lets nobody in without TLS, and its clients have none.
import type { EngineName } from '../../model/index.ts'
import { spec } from './spec.ts'

/** The rules of a server that forces TLS; its administrator still gets in. */
const RULES = [
  'local all all trust',
  'host all postgres 127.0.0.1/32 scram-sha-256',
  'hostssl all all all trust',
]

const rulesAre = (rules: string[]): string[] => [
  `do $$ begin execute format('copy (values %s) to %L', '${rules.map(rule => `(''${rule}'')`).join(', ')}',
       current_setting('hba_file')); end $$`,
  'select pg_reload_conf()',
]

const FORCE: Record<EngineName, { on: string[]; off: string[] }> = {
  postgres: {
    on: rulesAre(RULES),
    // As good as clients that come with TLS, for which nobody here has a certificate.
    off: rulesAre(RULES.map(rule => rule.replace(/^hostssl/, 'host'))),
  },
  mysql: {
    on: ['set global require_secure_transport = on'],
    off: ['set global require_secure_transport = off'],
  },
  mariadb: {
    on: ['set global require_secure_transport = on'],
    off: ['set global require_secure_transport = off'],
  },
}

export const tlsRequired = spec(
  'tls-required',
  'TLS is required from one moment to the next',
  ({ dialect }) => ({
    hearsLog: true,
    observer: dialect.engine === 'postgres' ? 'sslmode=disable' : 'ssl-mode=disabled',
    fault: [
      { do: 'administer', statements: FORCE[dialect.engine].on, undo: FORCE[dialect.engine].off },
      // Who is in stays in; the new version is not.
      { do: 'redeploy', service: 'web', everyMs: 1000 },
    ],
    truth: { cause: 'tls-failure', also: ['auth-failure'] },
  }),
)
