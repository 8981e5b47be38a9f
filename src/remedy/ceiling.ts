// How many connections the memory of a server can carry, as RDS counts it.
import type { Target } from '../model/index.ts'
import { dialectOf } from './dialect.ts'
import type { Scene } from './situation.ts'

/** RDS leaves a part of the class's memory to the database, of which nobody knows exactly how much. */
const TO_THE_DATABASE = 0.92

/** What RDS itself would set as max_connections, of the class of now or another; undefined where the memory is not known. */
export function memoryCeiling(
  { evidence: { target }, market }: Scene,
  instanceClass = target.instanceClass,
): number | undefined {
  const offer = market?.classes.find(({ name }) => name === instanceClass)
  return offer?.maxConnections ?? ceilingOf(target, offer?.memoryBytes ?? target.memoryBytes)
}

export const ceilingOf = ({ engine }: Target, memoryBytes: number | undefined): number | undefined =>
  memoryBytes === undefined
    ? undefined
    : Math.floor((TO_THE_DATABASE * memoryBytes) / dialectOf(engine).bytesPerConnection)
