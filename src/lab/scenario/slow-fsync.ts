// The volume gives hardly a write a second: whoever commits waits until the log is safe on it.
import type { EngineName } from '../../model/index.ts'
import { clicking } from './commit-stall.ts'
import { spec } from './spec.ts'

const DURABLE: Record<EngineName, Record<string, string | number>> = {
  postgres: { fsync: 'on' },
  mysql: { innodb_flush_log_at_trx_commit: 1 },
  mariadb: { innodb_flush_log_at_trx_commit: 1 },
}

export const slowFsync = spec('slow-fsync', 'the volume is throttled to four writes a second', shop => ({
  settings: { ...shop.dialect.settings, ...DURABLE[shop.dialect.engine] },
  services: clicking(shop),
  limits: {},
  fault: [{ do: 'limit', limits: { writesPerS: 4 } }],
  // Whoever waits for the log keeps its row locks meanwhile.
  truth: { cause: 'commit-stall', also: ['lock-contention', 'io-saturation'] },
}))
