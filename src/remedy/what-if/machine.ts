// What if the machine were another one: class, vCPUs, storage, memory for the cache, replicas.
import { changeTo } from '../offer.ts'
import { classPrice, FREE, instancePrice, storagePrice } from '../price.ts'
import { routableReads } from '../reads.ts'
import type { Scene } from '../situation.ts'
import { instanceSteps, replicaSteps, settingStep, storageStep } from '../step.ts'
import type { Answer, Question } from './question.ts'
import { type Asked, bytes, wholeNumber } from './value.ts'

const MIB = 1024 ** 2

export const MACHINE_QUESTIONS: readonly Question[] = [
  { names: ['class'], answer: otherClass },
  {
    names: ['vcpus'],
    answer: (_, asked) => ({
      change: { vcpus: wholeNumber(asked, 1, 1024) },
      price: { note: 'which machine it is, is not known' },
      outage: 'minutes',
    }),
  },
  { names: ['readers', 'replicas'], answer: readers },
  { names: ['storage'], answer: size },
  { names: ['max_allocated_storage'], answer: ceiling },
  { names: ['iops'], answer: operations },
  { names: ['buffer_pool', 'innodb_buffer_pool_size', 'shared_buffers'], answer: buffer },
]

function otherClass(s: Scene, { value, refused }: Asked): Answer {
  const { target } = s.evidence
  const offer = s.market?.classes.find(({ name }) => name === value)
  if (!s.market)
    throw refused('what can be had is not known: the target is not on RDS', 'Ask with vcpus=8 instead.')
  if (!offer) {
    const near = s.market.classes.filter(({ name }) =>
      name.startsWith(value.split('.').slice(0, 2).join('.')),
    )
    throw refused(
      `is no class that is known in ${s.market.region}`,
      `Give one like ${(near[0] ?? s.market.classes[0])?.name ?? 'db.r6g.xlarge'}.`,
    )
  }
  const current = s.market.classes.find(({ name }) => name === target.instanceClass)
  return {
    change: changeTo(s, offer),
    price: classPrice(target, s.market, offer),
    outage: offer.name === target.instanceClass ? 'none' : 'minutes',
    steps: offer.name === target.instanceClass ? [] : instanceSteps(target, offer.name),
    notes: [
      ...(offer.baselineCpuPct === undefined
        ? []
        : [
            `${value} can use ${Math.round(offer.baselineCpuPct)} % of each vCPU for ever: that is what is reckoned with`,
          ]),
      ...(current?.ebs && offer.ebs && offer.ebs.iops < current.ebs.iops
        ? [
            `${value} does ${offer.ebs.iops} I/O operations a second for ever, less than now (${current.ebs.iops})`,
          ]
        : []),
      ...(current && offer.memoryBytes < current.memoryBytes
        ? [`${value} has less memory: the cache is smaller, and the default of max_connections lower`]
        : []),
    ],
  }
}

function readers(s: Scene, asked: Asked): Answer {
  const count = wholeNumber(asked, 1, 15)
  const reads = routableReads(s)
  const steps = replicaSteps(s.evidence.target, count)
  if (!reads)
    return {
      price: instancePrice(s.evidence.target, s.market, count),
      steps,
      notes: ['whether the load is reads is not known: none is taken away'],
    }
  return {
    change: { away: reads.share },
    price: instancePrice(s.evidence.target, s.market, count),
    steps,
    notes: [
      `${Math.round(100 * reads.share)} % of the load are reads that stand alone, if the applications send them there`,
    ],
  }
}

function size(s: Scene, asked: Asked): Answer {
  const { target } = s.evidence
  const gib = wholeNumber(asked, 1, 65_536)
  const now = target.instance?.storage.gib
  if (now !== undefined && gib < 1.1 * now)
    throw asked.refused(
      `is less than 10 % more than the ${now} GiB of now`,
      `Give ${Math.ceil(1.1 * now)} or more: storage never shrinks.`,
    )
  return {
    price: now === undefined ? FREE : storagePrice(target, s.market, { gib: gib - now }),
    steps: storageStep(target, 'size', gib),
    notes: ['a larger volume adds no connections, and never shrinks again'],
  }
}

function ceiling(s: Scene, asked: Asked): Answer {
  const gib = wholeNumber(asked, 1, 65_536)
  const now = s.evidence.target.instance?.storage.gib
  if (now !== undefined && gib !== now && gib < 1.1 * now)
    throw asked.refused(
      `is less than 10 % above the ${now} GiB of now`,
      `Give ${Math.ceil(1.26 * now)} or more.`,
    )
  return {
    price: FREE,
    steps: storageStep(s.evidence.target, 'ceiling', gib),
    notes: gib === now ? ['as much as there is now turns growing by itself off'] : [],
  }
}

function operations(s: Scene, asked: Asked): Answer {
  const { target } = s.evidence
  const iops = wholeNumber(asked, 100, 256_000)
  const now = target.instance?.storage.iops
  if (now === undefined)
    return { notes: ['how many operations the volume does now is not known: no change is reckoned with'] }
  return {
    change: { storage: iops / now },
    price: storagePrice(target, s.market, { iops: Math.max(0, iops - now) }),
    steps: storageStep(target, 'iops', iops),
    notes: ['helps only where the volume is at its limit'],
  }
}

function buffer(s: Scene, asked: Asked): Answer {
  const { target } = s.evidence
  const wanted = bytes(asked, target.memoryBytes)
  if (target.memoryBytes !== undefined && wanted >= target.memoryBytes)
    throw asked.refused(
      'is more than the memory of the machine',
      'Leave memory for the sessions: 75% at most.',
    )
  const isPostgres = target.engine === 'postgres'
  const now = s.now.findLast(({ signals }) => signals.buffer_size_bytes !== undefined)?.signals
    .buffer_size_bytes
  return {
    ...(now === undefined ? {} : { change: { storage: Math.min(10, Math.max(0.1, wanted / now)) } }),
    price: FREE,
    outage: isPostgres ? 'restart' : 'none',
    steps: [
      settingStep(target, {
        name: isPostgres ? 'shared_buffers' : 'innodb_buffer_pool_size',
        after: isPostgres ? Math.floor(wanted / 8_192) : Math.floor(wanted / (128 * MIB)) * 128 * MIB,
        unit: isPostgres ? '8kB' : 'bytes',
        needsRestart: isPostgres,
      }),
    ],
    notes: ['how many more reads it would find in memory, only trying tells: this is the best case'],
  }
}
