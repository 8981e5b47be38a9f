// An orderly restart in the middle of the day.
import { spec } from './spec.ts'

export const serverRestart = spec('server-restart', 'the server is restarted for a new setting', () => ({
  fault: [{ do: 'restart', how: 'shutdown', downMs: 8_000 }],
  truth: { cause: 'server-restarting', also: [] },
}))
