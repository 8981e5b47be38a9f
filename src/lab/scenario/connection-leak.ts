// A code path that opens a connection, uses it once and never closes it.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'

export const connectionLeak: Scenario = {
  ...healthy,
  name: 'connection-leak',
  title: 'warehouse opens connections and never gives them back',
  fault: [{ do: 'leak', service: 'warehouse', perS: 4, sql: 'select on_hand from inventory where sku = 2' }],
  truth: { cause: 'connection-leak', also: [] },
}
