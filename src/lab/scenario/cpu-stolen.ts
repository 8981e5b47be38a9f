// Somebody else's processes take the machine's CPU; the database does what it always did.
import { busier, search } from './shop.ts'
import { spec } from './spec.ts'

export const cpuStolen = spec('cpu-stolen', "other processes take the machine's CPU", shop => ({
  services: shop.with('web', web => busier(web, 34, search(shop, 12))),
  niceness: 10,
  fault: [{ do: 'burn', processes: 16 }],
  truth: { cause: 'cpu-starvation', also: [], remedy: { helps: 'scale-up', harms: 'end-session' } },
}))
