// What somebody wants changed of an instance: out of `--set name=value`, or out of the steps of a plan.
import { AppError, type EngineName, type Step } from '../../model/index.ts'
import { type BesideWishes, besideOf, besideOfStep, isBeside } from './beside.ts'

export interface Wishes extends BesideWishes {
  instanceClass?: string
  /** GiB. */
  storageGib?: number
  /** GiB up to which it grows by itself; `off`. */
  ceilingGib?: number | 'off'
  iops?: number
  /** MiB/s. */
  throughput?: number
  storageType?: string
  /** By name, in the parameter's own unit; null takes away what was set. */
  parameters: Record<string, string | null>
  /** What the plan found there, where it says so: it must be so still. */
  found: Record<string, string | null>
  snapshot: boolean
  restart: boolean
  /** Not in the maintenance window. */
  immediately: boolean
  /** Changes of others that wait may be done with it. */
  takesPending: boolean
}

const none = (): Wishes => ({
  parameters: {},
  found: {},
  snapshot: false,
  restart: false,
  immediately: true,
  takesPending: false,
})

/** `settings` as they were typed. Throws AppError `option-invalid`. */
export function wishesOf(settings: Record<string, string>, engine: EngineName): Wishes {
  const wishes = none()
  for (const [name, text] of Object.entries(settings).filter(([one]) => !isBeside(one))) {
    const known = WORDS[name]
    if (known) known(wishes, text.trim(), name)
    else parameter(wishes, name, text.trim(), engine)
  }
  // What interrupts is done with a way back.
  wishes.snapshot ||= wishes.instanceClass !== undefined && settings.snapshot === undefined
  return Object.assign(wishes, besideOf(settings))
}

type Word = (wishes: Wishes, text: string, name: string) => void

const gib: (member: 'storageGib' | 'iops' | 'throughput', unit: RegExp) => Word =
  (member, unit) => (wishes, text, name) => {
    const [, number] = unit.exec(text) ?? []
    if (number === undefined) throw invalid(name, text, 'a whole number')
    wishes[member] = Number(number)
  }

const GIB = /^(\d{1,6})(?:\s*(?:GiB|GB|G))?$/i
const yes = (text: string, name: string): boolean => {
  if (!/^(?:yes|no|on|off|true|false)$/.test(text)) throw invalid(name, text, 'yes or no')
  return /^(?:yes|on|true)$/.test(text)
}

const ceiling: Word = (wishes, text, name) => {
  const [, number] = GIB.exec(text) ?? []
  if (number === undefined && text !== 'off') throw invalid(name, text, 'GiB, or off')
  wishes.ceilingGib = number === undefined ? 'off' : Number(number)
}

const WORDS: Record<string, Word> = {
  class: (wishes, text, name) => {
    if (!/^db\.[a-z0-9-]+\.[a-z0-9]+$/.test(text)) throw invalid(name, text, 'a class like db.r6g.large')
    wishes.instanceClass = text
  },
  storage: gib('storageGib', GIB),
  max_allocated_storage: ceiling,
  ceiling,
  iops: gib('iops', /^(\d{1,6})$/),
  throughput: gib('throughput', /^(\d{1,5})(?:\s*MiB\/s)?$/i),
  storage_type: (wishes, text, name) => {
    if (!/^(?:gp2|gp3|io1|io2)$/.test(text)) throw invalid(name, text, 'gp2, gp3, io1 or io2')
    wishes.storageType = text
  },
  snapshot: (wishes, text, name) => {
    wishes.snapshot = yes(text, name)
  },
  restart: (wishes, text, name) => {
    wishes.restart = yes(text, name)
  },
  when: (wishes, text, name) => {
    if (!/^(?:now|window)$/.test(text)) throw invalid(name, text, 'now or window')
    wishes.immediately = text === 'now'
  },
  take_pending: (wishes, text, name) => {
    wishes.takesPending = yes(text, name)
  },
}

/** The names that people use, in each engine's own. */
const ALIAS: Record<string, Record<'postgres' | 'mysql', string>> = {
  buffer_pool: { postgres: 'shared_buffers', mysql: 'innodb_buffer_pool_size' },
  connection_timeout: { postgres: 'authentication_timeout', mysql: 'connect_timeout' },
}
/** Bytes that one of its unit is. */
const PAGE: Record<string, number> = { shared_buffers: 8192, innodb_buffer_pool_size: 1 }
const BYTES: Record<string, number> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

function parameter(wishes: Wishes, word: string, text: string, engine: EngineName): void {
  const name = ALIAS[word]?.[engine === 'postgres' ? 'postgres' : 'mysql'] ?? word
  if (!/^[a-z][a-z0-9_.]*$/.test(name))
    throw invalid(word, text, 'the name of a parameter, a class or storage')
  const page = PAGE[name]
  const [, percent] = /^(\d{1,3})\s*%$/.exec(text) ?? []
  const [, number, unit] = /^(\d+)\s*([KMG])i?B?$/i.exec(text) ?? []
  if (percent !== undefined) {
    if (page === undefined) throw invalid(word, text, 'a number: only a buffer is a share of the memory')
    wishes.parameters[name] = `{DBInstanceClassMemory*${Number(percent)}/${100 * page}}`
  } else if (number !== undefined && page !== undefined) {
    wishes.parameters[name] = String(Math.floor((Number(number) * BYTES[unit!.toUpperCase()]!) / page))
  } else if (text === '') throw invalid(word, text, 'a value')
  else wishes.parameters[name] = text === 'default' ? null : text
}

const invalid = (name: string, text: string, what: string): AppError =>
  new AppError(
    'option-invalid',
    `${name}=${text}: it takes ${what}`,
    'spillway plan rds:ID --set class=db.r6g.large --set storage=200',
  )

/**
 * `settings`: what was asked for by hand besides the steps, which is when, and whether changes of others are taken along.
 * Throws AppError `plan-impossible` for a step that is no change of an instance.
 */
export function wishesOfSteps(steps: readonly Step[], settings: Record<string, string> = {}): Wishes {
  const wishes = none()
  for (const name of ['when', 'take_pending'])
    if (settings[name] !== undefined) WORDS[name]!(wishes, settings[name].trim(), name)
  for (const step of steps) {
    const { what, before, after } = step
    const text = after === null ? null : String(after)
    const found = (name: string) => {
      if (before !== undefined) wishes.found[name] = before === null ? null : String(before)
    }
    if (what.kind === 'instance-class') {
      wishes.instanceClass = String(after)
      found('DBInstanceClass')
    } else if (what.kind === 'storage') {
      STORAGE[what.field](wishes, text)
      found(MEMBER[what.field])
    } else if (what.kind === 'setting') {
      wishes.parameters[what.name] = text
      found(what.name)
    } else if (what.kind === 'snapshot') wishes.snapshot = true
    else if (what.kind === 'restart') wishes.restart = true
    else {
      const beside = besideOfStep(step)
      // A group of its own is made where one is needed.
      if (!beside && what.kind !== 'parameter-group') throw impossible(what.kind)
      const replicas = [...(wishes.replicas ?? []), ...(beside?.replicas ?? [])]
      Object.assign(wishes, beside, replicas.length > 0 ? { replicas } : {})
    }
  }
  return wishes
}

type Field = Extract<Step['what'], { kind: 'storage' }>['field']

const STORAGE: Record<Field, (wishes: Wishes, text: string | null) => void> = {
  size: (wishes, text) => Object.assign(wishes, { storageGib: Number(text) }),
  ceiling: (wishes, text) => Object.assign(wishes, { ceilingGib: text === null ? 'off' : Number(text) }),
  iops: (wishes, text) => Object.assign(wishes, { iops: Number(text) }),
  throughput: (wishes, text) => Object.assign(wishes, { throughput: Number(text) }),
  type: (wishes, text) => Object.assign(wishes, { storageType: String(text) }),
}

const MEMBER: Record<Field, string> = {
  size: 'AllocatedStorage',
  ceiling: 'MaxAllocatedStorage',
  iops: 'Iops',
  throughput: 'StorageThroughput',
  type: 'StorageType',
}

const impossible = (kind: string): AppError =>
  new AppError(
    'plan-impossible',
    `a step of kind ${kind} is not done by Spillway`,
    'Its commands stand in the plan.',
  )
