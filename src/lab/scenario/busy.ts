// As much as the machine can do, all day long, and everybody is served.
import { busier, search } from './shop.ts'
import { spec } from './spec.ts'

export const busy = spec('busy', 'the shop on a busy day: much load, and nothing wrong', shop => ({
  services: shop.with('web', web => busier(web, 30, search(shop, 20))),
  fault: [],
  truth: null,
}))
