// A code path that opens a connection, uses it once and never closes it.
import { spec } from './spec.ts'

export const connectionLeak = spec(
  'connection-leak',
  'warehouse opens connections and never gives them back',
  () => ({
    fault: [
      { do: 'leak', service: 'warehouse', perS: 4, sql: 'select on_hand from inventory where sku = 2' },
    ],
    truth: {
      cause: 'connection-leak',
      also: [],
      subject: { application: 'warehouse' },
      remedy: { helps: 'idle-session-timeout', harms: 'scale-up' },
    },
  }),
)
