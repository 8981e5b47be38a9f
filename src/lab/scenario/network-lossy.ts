// Every third packet is lost; what comes after it waits until it was sent once more.
import { spec } from './spec.ts'

export const networkLossy = spec('network-lossy', 'the network loses every third packet', () => ({
  relay: 'everybody',
  fault: [{ do: 'network', how: 'lose', ms: 200, share: 0.3 }],
  // Whoever asks on inside a transaction keeps its locks while the answer is on its way.
  truth: {
    cause: 'network-degraded',
    also: ['lock-contention', 'idle-in-transaction'],
  },
}))
