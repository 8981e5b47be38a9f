// What a class and its volume can do at most, and for how long: the ceilings behind CPU, storage and network.
import type { Database } from '../describe/database.ts'
import { GENERAL } from './data/classes-general.ts'
import { MEMORY } from './data/classes-memory.ts'
import { SPECIAL } from './data/classes-special.ts'

/** A level that can be held, and one that can be held for a while. */
export interface Allowance {
  baseline: number
  peak: number
}

export interface Shape {
  vcpus: number
  memoryBytes: number
  networkGbps: Allowance
  ebs?: { mbPerS: Allowance; iops: Allowance }
  /** Of a burstable class: percent of its vCPUs that it can use for ever. */
  baselineCpuPct?: number
}

/**
 * RDS runs T3 and T4g in unlimited mode: without credits they go on as before, and AWS charges for it. Only T2 is held to its
 * baseline. https://aws.amazon.com/rds/instance-types/, 2026-04-13.
 */
export const isHeldToBaseline = (instanceClass: string): boolean => instanceClass.startsWith('db.t2.')

const GIB = 1024 ** 3
/** An Aurora capacity unit is about 2 GiB, with the CPU that goes with it elsewhere: 8 GiB a vCPU. */
const GIB_PER_ACU = 2
const GIB_PER_VCPU = 8

/** Undefined for a class that is not in the catalogue. */
export function shapeOf({
  instanceClass,
  cluster,
}: Pick<Database, 'instanceClass' | 'cluster'>): Shape | undefined {
  if (instanceClass === 'db.serverless' && cluster?.serverless) {
    const gib = cluster.serverless.maxAcu * GIB_PER_ACU
    return {
      vcpus: Math.max(1, gib / GIB_PER_VCPU),
      memoryBytes: gib * GIB,
      networkGbps: { baseline: Number.NaN, peak: Number.NaN },
    }
  }
  return SHAPES.get(instanceClass)
}

/** Number for a column; `-` where AWS gives none. */
const read = (line: string): [string, Shape] => {
  const [name = '', ...columns] = line.split(' ')
  const [vcpus = 0, gib = 0, net = 0, netPeak = 0, mb = 0, mbPeak = 0, io = 0, ioPeak = 0, credits = 0] =
    columns.map(Number)
  return [
    name,
    {
      vcpus,
      memoryBytes: gib * GIB,
      networkGbps: { baseline: net, peak: netPeak },
      ...(Number.isNaN(io)
        ? {}
        : { ebs: { mbPerS: { baseline: mb, peak: mbPeak }, iops: { baseline: io, peak: ioPeak } } }),
      // A credit is one vCPU for a minute.
      ...(Number.isNaN(credits) ? {} : { baselineCpuPct: (100 * credits) / vcpus / 60 }),
    },
  ]
}

const SHAPES = new Map([GENERAL, MEMORY, SPECIAL].flatMap(text => text.trim().split('\n').map(read)))

/** Of every class that is known. */
export const classNames = (): string[] => [...SHAPES.keys()]

/** The next two sizes of the same family, the smaller first. */
export function largerThan(instanceClass: string): { name: string; shape: Shape }[] {
  const family = instanceClass.slice(0, instanceClass.lastIndexOf('.') + 1)
  const own = SHAPES.get(instanceClass)
  return [...SHAPES]
    .filter(([name, { memoryBytes }]) => own && name.startsWith(family) && memoryBytes > own.memoryBytes)
    .sort(([, a], [, b]) => a.memoryBytes - b.memoryBytes)
    .slice(0, 2)
    .map(([name, shape]) => ({ name, shape }))
}
