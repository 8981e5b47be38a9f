// Many times the requests, each as dear as before: the CPU is what sessions queue for.
import { busier } from './shop.ts'
import { spec } from './spec.ts'

export const loadSurge = spec('load-surge', 'eighty times the searches arrive', shop => ({
  services: shop.with('web', web =>
    busier(web, 40, {
      name: 'search',
      perS: 3,
      statements: [
        {
          sql: `select id, name, price from products where ${shop.dialect.contains('name')} order by price limit 20`,
          values: ['%c0ffee%'],
        },
      ],
      transaction: false,
    }),
  ),
  fault: [{ do: 'traffic', service: 'web', request: 'search', times: 80, overMs: 5000 }],
  truth: {
    cause: 'load-surge',
    also: [],
    subject: { statement: 'products' },
    remedy: { helps: 'scale-up', harms: 'end-session' },
  },
}))
