// A new version: every instance opens its pool and the old one goes.
import { spec } from './spec.ts'

export const deploy = spec(
  'deploy',
  'a new version is deployed, everybody reconnects, nothing is wrong',
  shop => ({
    services: shop.with('web', web => ({ ...web, pool: { ...web.pool, min: 2 }, instances: 4 })),
    fault: [{ do: 'redeploy', service: 'web', everyMs: 1500 }],
    truth: null,
  }),
)
