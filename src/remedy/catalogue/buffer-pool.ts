// More memory for what is read again and again: the buffer pool of InnoDB, the shared buffers of PostgreSQL.
import { load, mean } from '../../load/index.ts'
import { type Prediction, predict } from '../predict.ts'
import { percent, type StandingRemedy, TO_SET } from '../remedy.ts'
import type { Scene } from '../situation.ts'
import { settingStep } from '../step.ts'

/** RDS's own default for MySQL and MariaDB; what PostgreSQL advises for a machine of its own. */
const SHARE = { mysql: 0.75, mariadb: 0.75, postgres: 0.25 }
/** Below this share of what it should be, it is too small. */
const TOO_SMALL = 0.6
const IO_SHARE = 0.3
const GOOD_HITS = 0.99
/** Pages of PostgreSQL, and of InnoDB. */
const PAGE_BYTES = 8_192
const INNODB_PAGE_BYTES = 16_384
/** The pool of InnoDB is made of chunks, and from 1 GiB on of up to eight equal parts: a size between is made another one. */
const CHUNK_BYTES = 128 * 1024 ** 2
const INSTANCES = 8
const MIB = 1024 ** 2
const GIB = 1024 ** 3

export const bufferPool: StandingRemedy = {
  code: 'buffer-pool',
  answers: 'evidence',
  risk: 'medium',
  outage: 'none',
  permissions: { ...TO_SET, iam: [...TO_SET.iam, 'rds:RebootDBInstance'] },
  verify: 'the hit ratio rises and reads from storage fall, with memory left free',
  weigh(s) {
    const { target } = s.evidence
    const { IO: io = 0 } = load(s.now).byWaitClass
    const isNamed = s.diagnosis.findings.some(({ cause }) => cause === 'buffer-pool-small')
    if (target.engine === 'other' || (!isNamed && (s.aas === 0 || io / s.aas < IO_SHARE))) return undefined
    const hits = hitRatio(s)
    const title = 'a larger buffer pool'
    if (hits === undefined) return { title, reason: 'how often it is read from storage was not measured' }
    if (hits >= GOOD_HITS)
      return {
        title,
        reason: `${percent(hits)} of the reads are found in memory already: the I/O is of something else`,
      }
    const now = s.now.findLast(({ signals }) => signals.buffer_size_bytes !== undefined)?.signals
      .buffer_size_bytes
    if (now === undefined || target.memoryBytes === undefined) {
      if (isNamed) return twice(s, hits, now)
      return {
        title,
        reason: `${percent(hits)} of the reads are found in memory; how large it is and could be, is not known`,
      }
    }
    const right = SHARE[target.engine] * target.memoryBytes
    if (now >= TOO_SMALL * right)
      return {
        title,
        reason: `it has ${size(now)} of ${size(target.memoryBytes)} already: more would take the memory of sessions`,
      }
    const isPostgres = target.engine === 'postgres'
    const name = isPostgres ? 'shared_buffers' : 'innodb_buffer_pool_size'
    const unit = isPostgres ? PAGE_BYTES : right < GIB ? CHUNK_BYTES : INSTANCES * CHUNK_BYTES
    const bytes = Math.floor(right / unit) * unit
    const missesLeft = now / bytes
    return {
      horizon: 'for-good',
      title: `${name} = ${size(bytes)} instead of ${size(now)}`,
      effect: predict(
        s,
        { storage: 1 / Math.max(0.1, missesLeft) },
        `${percent(hits)} of the reads are found in memory; how many more would be, only trying tells: at best the share of what is cached`,
      ),
      cost: isPostgres ? 'a restart, and a cold cache after it' : 'some seconds of stalls while it grows',
      reversible: true,
      outage: isPostgres ? 'restart' : 'none',
      steps: [
        settingStep(target, {
          name,
          after: isPostgres ? bytes / PAGE_BYTES : bytes,
          // InnoDB counts the pages it can use, which are a few less than what was set.
          ...(isPostgres && { before: now / PAGE_BYTES }),
          unit: isPostgres ? '8kB' : 'bytes',
          needsRestart: isPostgres,
        }),
      ],
      commands: [
        isPostgres
          ? `alter system set ${name} = '${Math.round(bytes / 1024 ** 2)}MB'`
          : `set global ${name} = ${bytes}`,
      ],
    }
  },
}

/** On a machine whose memory is not known: as much again, for somebody who knows it. */
function twice(s: Scene, hits: number, counted: number | undefined) {
  const { target } = s.evidence
  const isPostgres = target.engine === 'postgres'
  // Twice what was set, which is a multiple of the chunks already.
  const now = counted === undefined ? undefined : Math.round(counted / MIB) * MIB
  const after = now === undefined ? undefined : 2 * now
  const name = isPostgres ? 'shared_buffers' : 'innodb_buffer_pool_size'
  return {
    horizon: 'for-good' as const,
    title:
      now === undefined ? `${name} twice as large` : `${name} = ${size(2 * now)} instead of ${size(now)}`,
    effect: atWorst(
      s,
      predict(
        s,
        { storage: 2 },
        `${percent(hits)} of the reads are found in memory, fewer than before; how much it takes, only trying tells${fills(s, now)}`,
      ),
    ),
    cost: 'as much more of the memory, if the machine has it',
    reversible: true,
    outage: isPostgres ? ('restart' as const) : ('none' as const),
    steps:
      after === undefined || isPostgres
        ? []
        : [settingStep(target, { name, after, unit: 'bytes', needsRestart: false })],
    commands: after === undefined || isPostgres ? [] : [`set global ${name} = ${after}`],
  }
}

/** What does not fit into twice the size either is read from storage as before. */
const atWorst = (s: Scene, effect: Prediction): Prediction => ({
  ...effect,
  aas: { ...effect.aas, high: Math.max(effect.aas.high ?? 0, s.aas) },
})

/** How long the new half takes to fill, by what is read now. */
function fills({ now }: Scene, bytes: number | undefined): string {
  const misses = now.flatMap(({ signals: { buffer_misses_per_s: perS } }) => (perS === undefined ? [] : perS))
  const perS = misses.length > 0 ? mean(misses) : 0
  if (bytes === undefined || perS <= 0) return ''
  return `; at ${Math.round(perS)} reads a second it fills in about ${Math.round(bytes / INNODB_PAGE_BYTES / perS)} s`
}

function hitRatio({ now }: Scene): number | undefined {
  const ratios = now.flatMap(({ signals: { buffer_hit_ratio: ratio } }) => (ratio === undefined ? [] : ratio))
  if (ratios.length === 0) return undefined
  const value = mean(ratios)
  return value > 1 ? value / 100 : value
}

const size = (bytes: number): string =>
  bytes < GIB ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`
