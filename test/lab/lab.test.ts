// The lab keeps its promises: peace is peace, the fault refuses connections, the cure cures, and nothing is left.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { type Lab, scenario, startLab } from '../../src/lab/index.ts'
import { allBinaries } from '../../src/lab/postgres/binaries.ts'
import { describeWith } from '../kit/require.ts'

const open: Lab[] = []
afterEach(async () => {
  for (const lab of open.splice(0)) await lab.stop()
})

const start = async (name: string, signal?: AbortSignal): Promise<Lab> => {
  const lab = await startLab(scenario(name)!, signal === undefined ? {} : { signal })
  open.push(lab)
  return lab
}

/** As Spillway would watch: one held connection of the role `spillway`. */
const observe = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url, application_name: 'spillway', ssl: false })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

const traces = async (url: string): Promise<{ dataDir: string; pid: number }> => {
  const { rows } = await (await observe(url)).query('show data_directory')
  const dataDir: string = rows[0].data_directory
  return { dataDir, pid: Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]) }
}

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const sum = (lab: Lab, what: 'ok' | 'failed'): number =>
  lab.traffic().reduce((total, service) => total + service[what], 0)

const within = (timeout: number) => ({ timeout, interval: 100 })

describeWith('PostgreSQL for the lab', allBinaries().length > 0, () => {
  test('in peace nothing fails, and most slots are free', async () => {
    const lab = await start('healthy')
    const observer = await observe(lab.url)
    await expect.poll(() => sum(lab, 'ok'), within(15_000)).toBeGreaterThan(150)
    expect(sum(lab, 'failed')).toBe(0)
    expect(lab.traffic().map(({ service }) => service)).toEqual(lab.scenario.services.map(({ name }) => name))
    const used = async (): Promise<number> => {
      const sql = "select count(*)::int as used from pg_stat_activity where backend_type = 'client backend'"
      return (await observer.query(sql)).rows[0].used
    }
    expect(await used()).toBeGreaterThanOrEqual(12)
    // What a machine busy with something else makes the pools open, they close again.
    await expect.poll(used, within(15_000)).toBeLessThan(20)
    expect(lab.firstRefusedAt).toBeUndefined()
  })

  test('a forgotten commit takes all slots, and ending its session gives them back', async () => {
    const lab = await start('idle-in-transaction')
    const observer = await observe(lab.url)
    const { t, session } = await lab.injectFault()
    await expect.poll(() => lab.firstRefusedAt, within(25_000)).toBeGreaterThan(t)
    await expect
      .poll(() => lab.traffic().some(({ failedByCode }) => failedByCode['53300']! > 0), within(5000))
      .toBe(true)

    const root = await observer.query('select state, usename from pg_stat_activity where pid = $1', [session])
    expect(root.rows).toEqual([{ state: 'idle in transaction', usename: 'billing' }])
    const waiters = await observer.query(
      "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'",
    )
    expect(waiters.rows[0].n).toBeGreaterThan(15)

    await observer.query('select pg_terminate_backend($1)', [session])
    const used = async () =>
      (
        await observer.query(
          "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend'",
        )
      ).rows[0].n
    await expect.poll(used, within(8000)).toBeLessThan(20)
    const failed = sum(lab, 'failed')
    const ok = sum(lab, 'ok')
    await expect.poll(() => sum(lab, 'ok'), within(5000)).toBeGreaterThan(ok + 50)
    expect(sum(lab, 'failed')).toBe(failed)
    // The session is gone already; what an operator would do about it must not fail.
    await lab.endFault()
  })

  test('an abort ends everything', async () => {
    const abort = new AbortController()
    const lab = await start('healthy', abort.signal)
    const { dataDir, pid } = await traces(lab.url)
    abort.abort()
    await expect.poll(() => runs(pid) || existsSync(dataDir), within(10_000)).toBe(false)
    await expect(lab.injectFault()).rejects.toMatchObject({ code: 'server-not-started' })
  })

  test('a parent that is killed leaves no process and no folder', async () => {
    const parent = spawnParent()
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [line] = (await once(parent.stdout!, 'data')) as [Buffer]
    const { dataDir, pid } = await traces(line.toString().trim())
    expect(runs(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => runs(pid) || existsSync(join(dataDir, '..')), within(10_000)).toBe(false)
  })
})

/** A process that starts a lab, says where it is, and waits to be killed. */
const spawnParent = (): ChildProcess => {
  const door = new URL('../../dist/lab/index.js', import.meta.url).href
  const script = `
    import { scenario, startLab } from '${door}'
    const lab = await startLab(scenario('healthy'))
    process.stdout.write(lab.url)
  `
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
