// The application serialises itself by an advisory lock, and one holder of it does not come to an end.
import { RESERVE_FEATURED } from './shop.ts'
import { spec } from './spec.ts'

export const advisoryLock = spec(
  'advisory-lock',
  'a scheduled job keeps the advisory lock that every reservation takes',
  ({ dialect, with: withService }) => ({
    services: withService('web', web => ({
      ...web,
      pool: { ...web.pool, max: 36 },
      requests: web.requests.map(request =>
        request.name === 'add to cart'
          ? {
              ...request,
              perS: 4.5,
              statements: [...dialect.advisory.take, RESERVE_FEATURED, ...dialect.advisory.giveBack],
              transaction: true,
            }
          : request,
      ),
    })),
    fault: [
      {
        do: 'hold',
        user: 'warehouse',
        application: 'scheduler',
        statements: [dialect.advisory.keep, dialect.sleep(600)],
        stays: 'active',
      },
    ],
    truth: {
      cause: 'lock-contention',
      kind: 'advisory',
      also: [],
      remedy: { helps: 'end-session', harms: 'max-connections' },
    },
  }),
)
