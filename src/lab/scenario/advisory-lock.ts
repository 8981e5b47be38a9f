// The application serialises itself by an advisory lock, and one holder of it does not come to an end.
import type { Scenario } from '../scenario.ts'
import { healthy } from './healthy.ts'
import { RESERVE_FEATURED, shopWith } from './shop.ts'

const STOCKTAKING = 4711

export const advisoryLock: Scenario = {
  ...healthy,
  name: 'advisory-lock',
  title: 'a scheduled job keeps the advisory lock that every reservation takes',
  services: shopWith('web', web => ({
    ...web,
    pool: { ...web.pool, max: 36 },
    requests: web.requests.map(request =>
      request.name === 'add to cart'
        ? {
            ...request,
            perS: 4.5,
            statements: [
              { sql: 'select pg_advisory_xact_lock($1)', values: [STOCKTAKING] },
              RESERVE_FEATURED,
            ],
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
      statements: [`select pg_advisory_lock(${STOCKTAKING})`, 'select pg_sleep(600)'],
      stays: 'active',
    },
  ],
  truth: { cause: 'lock-contention', kind: 'advisory', also: [] },
}
