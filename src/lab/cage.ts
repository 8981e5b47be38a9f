// A control group of its own for a server of the lab: its storage and its memory can be made scarce, and nobody else's.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../model/index.ts'
import type { LabServer } from './engine.ts'
import type { Limits } from './scenario.ts'

export interface Cage {
  /** What is left out is without a limit. */
  limit(limits: Limits): void
  /** Takes the limits off, so that whoever waits for storage gets on. */
  open(): void
  /** When nobody is left in it. */
  remove(): Promise<void>
}

const ROOT = '/sys/fs/cgroup'
const REMOVE_ATTEMPTS = 50
const REMOVE_PAUSE_MS = 100

/** All processes of the server, and those it will start. Throws AppError `server-not-started` where this machine has no such groups. */
export const encage = (server: LabServer): Cage => {
  const tree = existsSync(join(ROOT, 'cgroup.controllers')) ? UNIFIED : LEGACY
  const groups = tree.roots.map(root => join(root, basename(server.dir)))
  try {
    const disk = diskOf(server.dir)
    tree.prepare()
    for (const group of groups) {
      mkdirSync(group)
      for (const pid of familyOf(server.pid)) enter(group, pid)
    }
    const limit = (limits: Limits) => tree.write(groups, disk, limits)
    limit({})
    return { limit, open: () => limit({}), remove: () => remove(groups) }
  } catch (error) {
    void remove(groups)
    throw new AppError(
      'server-not-started',
      'the storage and the memory of a server cannot be limited here',
      'it takes root, control groups for io and memory, and a temporary folder on a disk',
      error,
    )
  }
}

interface Tree {
  roots: string[]
  prepare(): void
  write(groups: string[], disk: string, limits: Limits): void
}

/** One tree for everything: control groups version 2. */
const UNIFIED: Tree = {
  roots: [ROOT],
  prepare: () => writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+io +memory'),
  write: ([group], disk, { readsPerS = 'max', writesPerS = 'max', memoryMb }) => {
    writeFileSync(join(group!, 'io.max'), `${disk} riops=${readsPerS} wiops=${writesPerS}`)
    writeFileSync(join(group!, 'memory.max'), memoryMb === undefined ? 'max' : `${memoryMb}M`)
  },
}

/** A tree for each resource: version 1, which takes 0 and -1 for no limit. */
const LEGACY: Tree = {
  roots: [join(ROOT, 'blkio'), join(ROOT, 'memory')],
  prepare: () => undefined,
  write: ([io, memory], disk, { readsPerS = 0, writesPerS = 0, memoryMb }) => {
    writeFileSync(join(io!, 'blkio.throttle.read_iops_device'), `${disk} ${readsPerS}`)
    writeFileSync(join(io!, 'blkio.throttle.write_iops_device'), `${disk} ${writesPerS}`)
    writeFileSync(join(memory!, 'memory.limit_in_bytes'), memoryMb === undefined ? '-1' : `${memoryMb}M`)
  },
}

const enter = (group: string, pid: number): void => {
  try {
    writeFileSync(join(group, 'cgroup.procs'), String(pid))
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** `254:0`, of the whole disk: a part of it has no limits of its own. */
const diskOf = (dir: string): string => {
  const { dev } = statSync(dir)
  const part = realpathSync(`/sys/dev/block/${major(dev)}:${minor(dev)}`)
  const disk = existsSync(join(part, 'partition')) ? join(part, '..') : part
  return readFileSync(join(disk, 'dev'), 'utf8').trim()
}

/** As the C library takes a device number apart. */
const major = (dev: number): number => Number((BigInt(dev) >> 8n) & 0xfffn)
const minor = (dev: number): number => Number((BigInt(dev) & 0xffn) | ((BigInt(dev) >> 12n) & 0xfff00n))

/** The process and its descendants. */
const familyOf = (pid: number): number[] => {
  const children = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number)
  return [pid, ...children.flatMap(familyOf)]
}

const parentOf = (pid: string): number | undefined => {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return undefined // It has ended meanwhile.
  }
}

const remove = async (groups: string[]): Promise<void> => {
  for (let attempt = 1; attempt <= REMOVE_ATTEMPTS; attempt++) {
    for (const group of groups.filter(group => existsSync(group))) {
      try {
        rmdirSync(group)
      } catch {
        // The kernel has not yet let go of the last of its processes.
      }
    }
    if (!groups.some(group => existsSync(group))) return
    await sleep(REMOVE_PAUSE_MS)
  }
}
