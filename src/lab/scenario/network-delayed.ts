// Every answer of the server comes late; the server itself is well.
import { spec } from './spec.ts'

export const networkDelayed = spec('network-delayed', 'every answer is 400 ms late', () => ({
  relay: 'everybody',
  fault: [{ do: 'network', how: 'delay', ms: 400 }],
  // Whoever asks on inside a transaction keeps its locks while the answer is on its way.
  truth: {
    cause: 'network-degraded',
    also: ['lock-contention', 'idle-in-transaction'],
  },
}))
