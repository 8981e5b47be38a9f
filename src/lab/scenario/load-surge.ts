// Many times the requests, each as dear as before: the CPU is what sessions queue for.
import { busier, search } from './shop.ts'
import { spec } from './spec.ts'

export const loadSurge = spec('load-surge', 'eighty times the searches arrive', shop => ({
  services: shop.with('web', web => busier(web, 40, search(shop, 3))),
  fault: [{ do: 'traffic', service: 'web', request: 'search', times: 80, overMs: 5000 }],
  truth: {
    cause: 'load-surge',
    also: [],
    subject: { statement: 'products' },
    remedy: { helps: 'scale-up', harms: 'end-session' },
  },
}))
