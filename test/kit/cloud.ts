// An instance on RDS and what there is to buy instead, for tests of plans.
import type { Evidence, Instance, Market } from '../../src/model/index.ts'

const GIB = 1024 ** 3

export const INSTANCE: Instance = {
  id: 'orders',
  region: 'xx-test-1',
  product: 'postgres',
  multiAz: false,
  storage: { gib: 500, type: 'gp3', iops: 12_000 },
  parameterGroup: 'orders-16',
  pending: {},
}

/** Each size twice the one before, in price as well. */
export const MARKET: Market = {
  region: 'xx-test-1',
  asOf: { classes: '2026-01-01', storage: '2026-01-02', proxy: '2026-01-03' },
  classes: [1, 2, 4, 8].map(n => ({
    name: `db.r9.${n}`,
    vcpus: 2 * n,
    memoryBytes: 16 * n * GIB,
    maxConnections: 100 * n,
    usdPerHour: 0.1 * n,
    ebs: { iops: 4_000 * n, mbPerS: 100 * n },
  })),
  storage: { gp3: { usdPerGibMonth: 0.1, usdPerIopsMonth: 0.02 } },
  proxyUsdPerVcpuHour: 0.015,
}

/** The same evidence as of the smallest of these classes. */
export const onRds = (evidence: Evidence, instance: Partial<Instance> = {}): Evidence => ({
  ...evidence,
  target: {
    ...evidence.target,
    instanceClass: 'db.r9.1',
    engineVersion: '16.4',
    memoryBytes: 16 * GIB,
    instance: { ...INSTANCE, ...instance },
  },
})
