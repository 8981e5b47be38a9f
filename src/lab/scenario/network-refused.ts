// Nobody listens at the address any more; the server behind it is well.
import { spec } from './spec.ts'

export const networkRefused = spec('network-refused', 'a load balancer loses its target', () => ({
  relay: 'everybody',
  fault: [{ do: 'network', how: 'refuse', ms: 0 }],
  truth: { cause: 'network-unreachable', also: [] },
}))
