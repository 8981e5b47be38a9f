// A server whose storage is throttled reads no faster than it may; and no control group outlives its lab.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { encage } from '../../src/lab/cage.ts'
import { AppError } from '../../src/model/index.ts'

const ROOTS = ['', 'blkio', 'memory'].map(name => join('/sys/fs/cgroup', name))

const groupsOf = (dir: string): string[] =>
  ROOTS.map(root => join(root, basename(dir))).filter(group => existsSync(group))

/** Where it cannot be done, the lab has to say so: no such groups, not permitted, or a temporary folder on no disk. */
const possible = await (async () => {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-cage-'))
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(sleeper, 'spawn')
  const exited = once(sleeper, 'exit')
  try {
    const cage = encage({ dir, pid: sleeper.pid! } as Parameters<typeof encage>[0])
    sleeper.kill('SIGKILL')
    await exited
    await cage.remove()
    return true
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return false
  } finally {
    sleeper.kill('SIGKILL')
    rmSync(dir, { recursive: true })
  }
})()

test('who is in it and who comes of it has its limits, and nothing stays of it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'spillway-cage-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const shell = spawn('/bin/sh', ['-c', 'sleep 60 & wait'], { stdio: 'ignore', detached: true })
  await once(shell, 'spawn')
  const end = () => process.kill(-shell.pid!, 'SIGKILL')
  onTestFinished(() => void (shell.exitCode === null && shell.signalCode === null && end()))
  const server = { dir, pid: shell.pid! } as Parameters<typeof encage>[0]
  if (!possible) {
    expect(() => encage(server)).toThrow(AppError)
    return
  }
  const cage = encage(server)
  const read = (group: string, name: string) => readFileSync(join(group, name), 'utf8')
  const [first] = groupsOf(dir)
  expect(read(first!, 'cgroup.procs').split('\n')).toContain(String(shell.pid))
  const limits = () =>
    groupsOf(dir)
      .flatMap(group => ['blkio.throttle.read_iops_device', 'io.max'].map(name => join(group, name)))
      .filter(file => existsSync(file))
      .map(file => readFileSync(file, 'utf8'))
      .join()
  cage.limit({ readsPerS: 77 })
  expect(limits()).toMatch(/\b77\b/)
  cage.open()
  expect(limits()).not.toMatch(/\b77\b/)
  const exited = once(shell, 'exit')
  end()
  await exited
  await cage.remove()
  expect(groupsOf(dir)).toEqual([])
})

test('a parent that is killed leaves no control group', async () => {
  if (!possible) return
  const door = new URL('../../dist/lab/index.js', import.meta.url).href
  const script = `
    import { scenario, startLab } from '${door}'
    const limited = { ...scenario('healthy'), hearsLog: true, limits: { readsPerS: 1000 } }
    const { witness } = await startLab(limited)
    process.stdout.write(witness.log)
  `
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [log] = (await once(parent.stdout!, 'data')) as [Buffer]
  const dir = join(log.toString(), '..')
  expect(groupsOf(dir)).not.toEqual([])
  parent.kill('SIGKILL')
  await expect.poll(() => groupsOf(dir), { timeout: 15_000, interval: 100 }).toEqual([])
})
