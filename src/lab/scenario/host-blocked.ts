// A health check that hangs up too early: after a few of its calls the server shuts out the address that all come from.
import { spec } from './spec.ts'

const ERRORS_MAX = 3

export const hostBlocked = spec(
  'host-blocked',
  'a health check breaks off its handshakes until the gateway is blocked',
  ({ dialect }) => ({
    settings: { ...dialect.settings, max_connect_errors: ERRORS_MAX },
    relay: 'gateway',
    fault: [
      { do: 'break-off', times: 4 * ERRORS_MAX },
      // Who is in stays in; the new version is not.
      { do: 'redeploy', service: 'web', everyMs: 1000 },
    ],
    truth: { cause: 'host-blocked', also: [] },
  }),
  ['mysql', 'mariadb'],
)
