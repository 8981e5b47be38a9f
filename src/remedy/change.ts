// A change as the model knows it.
import type { ByWaitClass, SessionSample, Tick } from '../model/index.ts'

/** What is different afterwards. Nothing of it: it goes on as it does. */
export interface Change {
  /** Active sessions that stop being load, in one tick. */
  relieves?: (tick: Tick) => (session: SessionSample) => boolean
  /** Load of a class that stays or comes again, whatever is relieved of it. */
  floor?: ByWaitClass
  /** What held everybody up is gone: at least the load of before comes back. */
  restores?: boolean
  vcpus?: number
  /** I/O the storage can do, as a multiple of now. */
  storage?: number
  /** Requests, as a multiple of now. */
  requests?: number
  /** Share of CPU and I/O that goes elsewhere, 0 to 1. */
  away?: number
  /** Slots that come free: for certain, and as pools let go. */
  slots?: { certain: number; likely: number }
  usable?: number
  /** Nobody takes more and more slots any longer; false: somebody does all the same; absent: as the queue says. */
  endsGrowth?: boolean
  /** Every pool has a size: what is too much queues in the applications, and takes no slot. */
  bounded?: boolean
  /** The role or database at its own limit gets a higher one. */
  liftsLimit?: boolean
}
