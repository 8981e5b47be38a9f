// Nothing breaks: whoever finds a cause here is wrong.
import type { Scenario } from '../scenario.ts'
import { SHOP_SERVICES, SHOP_SETTINGS, shopSchema } from './shop.ts'

export const healthy: Scenario = {
  name: 'healthy',
  title: 'the shop on an ordinary day',
  settings: SHOP_SETTINGS,
  schema: shopSchema(),
  services: SHOP_SERVICES,
  fault: [],
  truth: null,
  baselineMs: 10_000,
}
