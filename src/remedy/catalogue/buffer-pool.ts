// More memory for what is read again and again: the buffer pool of InnoDB, the shared buffers of PostgreSQL.
import { load, mean } from '../../load/index.ts'
import { type Prediction, predict } from '../predict.ts'
import { percent, type StandingRemedy, TO_SET } from '../remedy.ts'
import type { Scene } from '../situation.ts'
import { settingStep } from '../step.ts'
import { rateOf } from '../work.ts'

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
      if (isNamed) return larger(s, hits, now)
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

/** On a machine whose memory is not known: for somebody who knows it. */
function larger(s: Scene, hits: number, counted: number | undefined) {
  const { target } = s.evidence
  const isPostgres = target.engine === 'postgres'
  const times = timesOf(s)
  // So many times what was set, which is a multiple of the chunks already.
  const now = counted === undefined ? undefined : Math.round(counted / MIB) * MIB
  const after = now === undefined ? undefined : times * now
  const name = isPostgres ? 'shared_buffers' : 'innodb_buffer_pool_size'
  return {
    horizon: 'for-good' as const,
    title:
      now === undefined || after === undefined
        ? `${name} ${times} times as large`
        : `${name} = ${size(after)} instead of ${size(now)}`,
    effect: atWorst(
      s,
      predict(
        s,
        { storage: times },
        `${percent(hits)} of the reads are found in memory, fewer than before; how much it takes, only trying tells${fills(s, now, times)}`,
      ),
    ),
    cost: 'so much more of the memory, if the machine has it',
    reversible: true,
    outage: isPostgres ? ('restart' as const) : ('none' as const),
    // Whether the machine has that memory, only a person knows: InnoDB takes it page by page, long after anybody looks.
    steps: [],
    commands: after === undefined || isPostgres ? [] : [`set global ${name} = ${after}`],
  }
}

/** How full storage may be kept, and the most that anybody should try at once. */
const GOOD_USE = 0.75
const MOST_TIMES = 8

/**
 * What is done less of than in peace wants as much more from storage than it gives. Misses fall about as the size grows: a rule of
 * thumb, of which a power of two is as much as can be said.
 */
function timesOf({ before, now }: Scene): number {
  const [usual, done] = [rateOf(before), rateOf(now)]
  if (!usual || !done) return 2
  return Math.min(MOST_TIMES, Math.max(2, 2 ** Math.ceil(Math.log2(usual / done / GOOD_USE))))
}

/** What does not fit into that size either is read from storage as before. */
const atWorst = (s: Scene, effect: Prediction): Prediction => ({
  ...effect,
  aas: { ...effect.aas, high: Math.max(effect.aas.high ?? 0, s.aas) },
  ...(effect.failures && { failures: { ...effect.failures, high: effect.failures.before } }),
})

/** How long it takes at most to fill what is new, by what is read now. */
function fills({ now }: Scene, had: number | undefined, times: number): string {
  const misses = now.flatMap(({ signals: { buffer_misses_per_s: perS } }) => (perS === undefined ? [] : perS))
  const perS = misses.length > 0 ? mean(misses) : 0
  if (had === undefined || perS <= 0) return ''
  const pages = ((times - 1) * had) / INNODB_PAGE_BYTES
  return `; at ${Math.round(perS)} reads a second it is full in ${Math.round(pages / perS)} s at the latest`
}

function hitRatio({ now }: Scene): number | undefined {
  const ratios = now.flatMap(({ signals: { buffer_hit_ratio: ratio } }) => (ratio === undefined ? [] : ratio))
  if (ratios.length === 0) return undefined
  const value = mean(ratios)
  return value > 1 ? value / 100 : value
}

const size = (bytes: number): string =>
  bytes < GIB ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`
