// Memory runs out: the host swaps, or a session gets none.
import type { Case } from '../case.ts'
import { countOf, type Failed } from '../failed.ts'
import { saysItRestarts } from '../restart.ts'
import { cannotTell, found, type Judgement, nothing, type Rule, speaksFor } from '../rule.ts'
import { eventsWithin, isOutOfMemoryKill } from '../said.ts'
import { plural } from '../say.ts'
import { CPU, LOCKS, MISSES, STORAGE, WRITES } from '../signal/group.ts'
import { contradicts, type Mechanism, needs, shows } from '../signal/mechanism.ts'
import { most } from '../signal/view.ts'

const mechanism: Mechanism = {
  title: 'memory runs out: the host swaps',
  claims: x => [
    shows(most(x.rises('swap_in_per_s', 3), x.rises('swap_used_bytes')), 'pages are swapped', 3),
    needs(x.falls('memory_free_bytes'), 'free memory falls away', 2),
    needs(x.slower, 'calls fall or take longer'),
    contradicts(x.rises('memory_free_bytes', 1.5), 'more memory is free'),
  ],
  raises: [...MISSES, ...STORAGE, ...WRITES, ...LOCKS, ...CPU, 'swap_in_per_s', 'aas_lwlock'],
  remedies: ['scale-up', 'pool-size'],
}

export const memoryPressure: Rule = { cause: 'memory-pressure', hear, mechanism }

const isRefused = ({ failure }: Failed): boolean => failure === 'out-of-memory'

function hear(c: Case): Judgement {
  const refused = c.failed.filter(isRefused)
  const kills = eventsWithin(c.evidence, c.incident).filter(isOutOfMemoryKill)
  if (refused.length === 0 && kills.length === 0)
    return cannotTell('swapping, or a session that got no memory')
  return found({
    kind: kills.length > 0 ? 'killed' : 'refused',
    confidence: Math.max(refused.length > 0 ? 0.9 : 0, byKernel(kills.length)),
    onset: Math.min(...[...refused, ...kills].map(({ t }) => t)),
    title: 'the server has no memory left for its sessions',
    symptom: 'The server has no memory left for its sessions.',
    because:
      kills.length > 0
        ? 'the kernel killed a session of the server (signal 9), as it does when memory runs out'
        : 'the server gets no memory for another session',
    evidence: [
      ...(refused.length > 0 ? [speaksFor(`${plural(countOf(refused), 'connection')} got no memory`)] : []),
      ...kills.slice(-2).map(({ message }) => speaksFor(`log: ${message}`)),
    ],
    remedies: ['pool-size', 'scale-up'],
    gone: nothing,
    answers: one =>
      isRefused(one) || (kills.length > 0 && (saysItRestarts(one) || one.failure === 'connection-refused')),
    outside: true,
  })
}

/** An administrator may kill a session once; who does it again and again is the kernel. */
const byKernel = (kills: number): number => (kills > 0 ? Math.min(0.95, 0.6 + 0.15 * (kills - 1)) : 0)
