// A new version comes with a statement that nobody has looked at.
import { spec } from './spec.ts'

export const newStatement = spec('new-statement', 'a new version brings a dear statement', () => ({
  fault: [
    {
      do: 'repeat',
      user: 'web',
      application: 'web',
      sessions: 14,
      statements: [
        `select a.name, count(*) from products as a join products as b on b.price = a.price
         where a.id <= 8000 group by a.name order by 2 desc limit 5`,
      ],
      pauseMs: 20,
    },
  ],
  truth: {
    cause: 'query-regression',
    kind: 'new-statement',
    also: [],
    subject: { statement: 'products' },
    remedy: { helps: 'mend-statement', harms: 'max-connections' },
  },
}))
