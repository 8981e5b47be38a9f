// What a parameter's value, maybe a formula, comes to on a class.
import type { Shape } from '../catalog/index.ts'
import { memoryForDatabase } from '../catalog/memory.ts'
import type { Database } from '../describe/database.ts'
import { evaluate } from '../describe/formula.ts'

/** Undefined where it is the engine's own. */
export const comesTo = (
  text: string | null | undefined,
  shape: Shape,
  { storage }: Pick<Database, 'storage'>,
): number | undefined =>
  text == null
    ? undefined
    : evaluate(text, {
        DBInstanceClassMemory: memoryForDatabase(shape.memoryBytes),
        DBInstanceVCPU: shape.vcpus,
        AllocatedStorage: storage.gib * 1024 ** 3,
      })
