// Every instance opens its pool at the start. Each pool is modest; their sum is more than the server has.
import type { Shop } from './shop.ts'
import { spec } from './spec.ts'

export const poolsOversubscribed = spec(
  'pools-oversubscribed',
  'web is scaled out from 2 to 10 instances with 4 connections each',
  shop => ({
    services: shop.with('web', web => ({
      ...web,
      pool: { min: 4, max: 8, idleMs: idleMs(shop) },
      instances: 2,
    })),
    fault: [{ do: 'scale-out', service: 'web', instances: 10, everyMs: 1000 }],
    truth: {
      cause: 'pools-oversubscribed',
      also: [],
      subject: { user: 'web' },
      remedy: { helps: 'pool-size', harms: 'scale-up' },
    },
  }),
)

/** The driver of MySQL keeps no minimum: what idles is closed in its time, or stays. */
const idleMs = ({ dialect }: Shop): number => (dialect.engine === 'postgres' ? 1500 : 60_000)
