// The dump programs themselves read all of the orders, last years' included, while the shop is open.
import { spec } from './spec.ts'

const YEARS = 5

export const dump = spec(
  'dump',
  "the engine's own dump program reads all tables, six at a time",
  ({ dialect }) => {
    const isPostgres = dialect.engine === 'postgres'
    return {
      ...(isPostgres && { major: 15 }),
      schema: [
        ...dialect.schema(isPostgres ? 200_000 : 100_000),
        ...Array.from({ length: YEARS }, (_, i) => `create table orders_${i + 1} as select * from orders`),
      ],
      fault: [{ do: 'dump', user: 'deploy' }],
      truth: { cause: 'backup', also: [], subject: { user: 'deploy' } },
    }
  },
)
