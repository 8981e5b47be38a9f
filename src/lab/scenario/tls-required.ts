// From now on the server lets nobody in without TLS, and its clients have none.
import type { EngineName } from '../../model/index.ts'
import { spec } from './spec.ts'

/** The rules of a server that forces TLS; its administrator still gets in. */
const RULES = [
  'local all all trust',
  'host all postgres 127.0.0.1/32 scram-sha-256',
  'hostssl all all all trust',
]

const FORCE: Record<EngineName, string[]> = {
  postgres: [
    `do $$ begin execute format('copy (values %s) to %L', '${RULES.map(rule => `(''${rule}'')`).join(', ')}',
       current_setting('hba_file')); end $$`,
    'select pg_reload_conf()',
  ],
  mysql: ['set global require_secure_transport = on'],
  mariadb: ['set global require_secure_transport = on'],
}

export const tlsRequired = spec(
  'tls-required',
  'TLS is required from one moment to the next',
  ({ dialect }) => ({
    hearsLog: true,
    observer: dialect.engine === 'postgres' ? 'sslmode=disable' : 'ssl-mode=disabled',
    fault: [
      { do: 'administer', statements: FORCE[dialect.engine], undo: [] },
      // Who is in stays in; the new version is not.
      { do: 'redeploy', service: 'web', everyMs: 1000 },
    ],
    truth: { cause: 'tls-failure', also: ['auth-failure'] },
  }),
)
