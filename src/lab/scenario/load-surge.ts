// Many times the requests, each as dear as before: the CPU is what sessions queue for.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'
import { busier, shopWith } from './shop.ts'

export const loadSurge: Scenario = {
  ...healthy,
  name: 'load-surge',
  title: 'eighty times the searches arrive',
  services: shopWith('web', web =>
    busier(web, 40, {
      name: 'search',
      perS: 3,
      statements: [
        {
          sql: 'select id, name, price from products where name ilike $1 order by price limit 20',
          values: ['%c0ffee%'],
        },
      ],
      transaction: false,
    }),
  ),
  fault: [{ do: 'traffic', service: 'web', request: 'search', times: 80, overMs: 5000 }],
  truth: { cause: 'load-surge', also: [] },
}
