// Two faults that have nothing to do with each other, at the same time.
import { connectionLeak } from './connection-leak.ts'
import { rowLock } from './row-lock.ts'
import { spec } from './spec.ts'

export const lockAndLeak = spec(
  'lock-and-leak',
  'billing locks the hot row while warehouse leaks connections',
  ({ dialect }) => ({
    fault: [...connectionLeak.on(dialect.engine).fault, ...rowLock.on(dialect.engine).fault],
    truth: { cause: 'lock-contention', also: [], second: 'connection-leak' },
  }),
)
