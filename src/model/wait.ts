// What a session does while it is active, in nine classes that every engine maps its own wait events to.

/** Wait classes in the order they are stacked in charts, most useful work first. */
export const WAIT_CLASSES = [
  'CPU',
  'IO',
  'Commit',
  'Lock',
  'LWLock',
  'IPC',
  'Client',
  'Timeout',
  'Other',
] as const

export type WaitClass = (typeof WAIT_CLASSES)[number]

/** A number for each wait class; an absent class is zero, an absent record is unknown. */
export type ByWaitClass = Partial<Record<WaitClass, number>>
