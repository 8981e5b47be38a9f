// States of what the fake has: which instance is meant, whether it may be changed, and for how many looks it is busy.
import { Refusal } from './refusal.ts'
import type { Described, World } from './world.ts'
import type { Value } from './xml.ts'

/** Looks that something takes. */
export const TAKES = 2

export function instanceNamed(world: World, id: Value): Described {
  const found = world.instances.find(one => one.DBInstanceIdentifier === id)
  if (!found) throw new Refusal('DBInstanceNotFound', `DBInstance ${String(id)} not found.`, 404)
  return found
}

export function begin(world: World, one: Described, status: string): void {
  one.DBInstanceStatus = status
  world.busy.set(String(one.DBInstanceIdentifier), TAKES)
}

export function mustBeAvailable(one: Described): void {
  if (one.DBInstanceStatus !== 'available')
    throw new Refusal(
      'InvalidDBInstanceState',
      `Database instance is not in available state: ${String(one.DBInstanceStatus)}`,
    )
}
