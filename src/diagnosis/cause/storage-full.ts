// No space left: whoever writes fails, and a server that cannot write its log goes down.
import type { Case } from '../case.ts'
import { countOf, type Failed } from '../failed.ts'
import { saysItRestarts } from '../restart.ts'
import { cannotTell, found, type Judgement, nothing, type Rule, ruledOut, speaksFor } from '../rule.ts'
import { eventsWithin, isStorageFull } from '../said.ts'
import { plural } from '../say.ts'

/** SQLSTATE disk_full; errno disk full, table full, file error with ENOSPC. */
const CODES = ['53100', '1021', '1114', 'ENOSPC']
const WORDS = /no space left|disk (?:is )?full/i
/** Free space at the floor: no further segment of the log fits (16 MiB in PostgreSQL). */
const SEGMENT = 16 * 1024 ** 2

export const storageFull: Rule = { cause: 'storage-full', hear }

const isFull = ({ native }: Pick<Failed, 'native'>): boolean =>
  native !== undefined && (CODES.includes(native.code) || WORDS.test(native.message))

function hear(c: Case): Judgement {
  const refused = c.failed.filter(isFull)
  const events = eventsWithin(c.evidence, c.incident).filter(isStorageFull)
  const free = c.evidence.ticks.flatMap(({ t, signals: { storage_free_bytes: bytes } }) =>
    bytes !== undefined && t >= c.incident.from && t < c.incident.to ? [{ t, bytes }] : [],
  )
  const least = free.reduce((low, { bytes }) => Math.min(low, bytes), Number.POSITIVE_INFINITY)
  const atFloor = least < SEGMENT
  if (refused.length === 0 && events.length === 0 && !atFloor)
    return free.length > 0
      ? ruledOut(`${gib(least)} GiB of storage are free`)
      : cannotTell('the free storage, or the log of the server')
  const first = [...refused, ...events, ...free.filter(({ bytes }) => bytes < SEGMENT)]
  return found({
    confidence: 0.95,
    onset: Math.min(...first.map(({ t }) => t), c.incident.from),
    title: 'no space is left on the storage',
    symptom: 'Whoever writes fails: no space is left on the storage.',
    because: `no space is left on the storage${events[0] ? ` (${events[0].message})` : ''}`,
    evidence: [
      ...(refused.length > 0
        ? [speaksFor(`${plural(countOf(refused), 'connection')} failed for want of space`)]
        : []),
      ...events.slice(-2).map(({ source, message }) => speaksFor(`${source}: ${message}`)),
      ...(atFloor ? [speaksFor(`${gib(least)} GiB of storage are free: no segment of the log fits`)] : []),
    ],
    remedies: [],
    gone: nothing,
    // Without room for its log the server stops, and cannot start again.
    answers: one => isFull(one) || saysItRestarts(one) || one.failure === 'connection-refused',
    outside: true,
  })
}

const gib = (bytes: number): string => (bytes / 1024 ** 3).toFixed(2)
