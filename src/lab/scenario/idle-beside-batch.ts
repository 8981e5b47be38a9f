// A red herring: the batch is what takes the CPU, a forgotten commit is what takes the slots.
import { idleInTransaction } from './idle-in-transaction.ts'
import { nightlyBatch } from './nightly-batch.ts'
import { spec } from './spec.ts'

export const idleBesideBatch = spec(
  'idle-beside-batch',
  'billing forgets to commit while the nightly batch runs',
  ({ dialect: { engine } }) => {
    const { fault, schema } = nightlyBatch.on(engine)
    const { fault: forgotten, truth } = idleInTransaction.on(engine)
    return { schema, fault: [...forgotten, ...fault], truth }
  },
)
