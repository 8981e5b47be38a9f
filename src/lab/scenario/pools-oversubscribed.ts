// Every instance opens its pool at the start. Each pool is modest; their sum is more than the server has.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'
import { shopWith } from './shop.ts'

export const poolsOversubscribed: Scenario = {
  ...healthy,
  name: 'pools-oversubscribed',
  title: 'web is scaled out from 2 to 10 instances with 4 connections each',
  services: shopWith('web', web => ({ ...web, pool: { min: 4, max: 8, idleMs: 1500 }, instances: 2 })),
  fault: [{ do: 'scale-out', service: 'web', instances: 10, everyMs: 1000 }],
  truth: { cause: 'pools-oversubscribed', also: [] },
}
