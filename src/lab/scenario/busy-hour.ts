// More visitors than an hour ago, and everybody is served.
import { spec } from './spec.ts'

export const busyHour = spec('busy-hour', 'three times the visitors, and nothing wrong', () => ({
  fault: [
    { do: 'traffic', service: 'web', request: 'browse', times: 3, overMs: 5000 },
    { do: 'traffic', service: 'checkout', request: 'order status', times: 3, overMs: 5000 },
  ],
  truth: null,
}))
