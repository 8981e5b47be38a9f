// Nothing gets through any more, in either direction, and nobody says so.
import { spec } from './spec.ts'

export const networkBlackHole = spec('network-black-hole', 'a firewall begins to drop every packet', () => ({
  relay: 'everybody',
  fault: [{ do: 'network', how: 'silence', ms: 0 }],
  truth: { cause: 'network-unreachable', also: [] },
}))
