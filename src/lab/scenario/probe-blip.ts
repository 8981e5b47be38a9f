// The network of the observer alone fails for a moment: no client of the shop notices.
import { spec } from './spec.ts'

export const probeBlip = spec('probe-blip', "two seconds without network, the observer's own", () => ({
  relay: 'observer',
  fault: [{ do: 'network', how: 'silence', ms: 0, forMs: 2000 }],
  truth: null,
}))
