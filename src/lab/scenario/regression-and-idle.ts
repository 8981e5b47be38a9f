// A dropped index fills the CPU while a forgotten commit fills the slots.
import { idleInTransaction } from './idle-in-transaction.ts'
import { queryRegression } from './query-regression.ts'
import { spec } from './spec.ts'

export const regressionAndIdle = spec(
  'regression-and-idle',
  'an index is dropped, and billing forgets to commit',
  ({ dialect: { engine } }) => {
    const { fault, settings, schema, services } = queryRegression.on(engine)
    return {
      settings,
      schema,
      services,
      fault: [...idleInTransaction.on(engine).fault, ...fault],
      truth: { cause: 'idle-in-transaction', also: ['lock-contention'], second: 'query-regression' },
    }
  },
)
