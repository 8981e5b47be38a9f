// The server dies without a word, and takes its time to come back.
import { spec } from './spec.ts'

export const serverCrash = spec('server-crash', 'the server crashes and recovers', () => ({
  fault: [{ do: 'restart', how: 'crash', downMs: 12_000 }],
  truth: { cause: 'server-restarting', also: [] },
}))
