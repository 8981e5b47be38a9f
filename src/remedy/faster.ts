// Less to wait for at the storage, as a change of the model: by a faster volume, or because more is found in memory.
import { load } from '../load/index.ts'
import type { Change } from './change.ts'
import type { Scene } from './situation.ts'

/**
 * So many times what storage can do, in reads and writes of now. Who waits for a lock while more wait for storage waits for one of
 * those, and a queue before storage that drains takes no more slots.
 */
export function fasterStorage({ now }: Scene, times: number): Change {
  const { IO: io = 0, Lock: lock = 0 } = load(now).byWaitClass
  if (io <= lock) return { storage: times }
  return {
    storage: times,
    relieves:
      () =>
      ({ waitClass }) =>
        waitClass === 'Lock',
    restores: true,
    endsGrowth: true,
  }
}
