// Bundles on disk: what is written comes back the same, and is written whole or not at all.
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Evidence, SIGNALS } from '../../src/model/index.ts'
import { readBundle, writeBundle } from '../../src/store/index.ts'
import { refusal, temporaryFolder } from './kit.ts'
import { randomEvidence, randomNumbers } from './random.ts'

const path = temporaryFolder()

test('a hundred random evidences come back from a folder and from an archive', {
  timeout: 60_000,
}, async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const evidence = randomEvidence(seed)
    const folder = path(`seed-${seed}`)
    const archive = path(`seed-${seed}.tar.gz`)
    await writeBundle(folder, evidence)
    await writeBundle(archive, evidence)
    expect(await readBundle(folder), `seed ${seed}`).toStrictEqual(evidence)
    expect(await readBundle(archive), `seed ${seed}`).toStrictEqual(evidence)
  }
})

test('the same evidence makes the same bytes, also after it was read', async () => {
  const evidence = randomEvidence(7)
  await writeBundle(path('first.tgz'), evidence)
  await writeBundle(path('second.tgz'), structuredClone(evidence))
  await writeBundle(path('third.tgz'), await readBundle(path('first.tgz')))
  await writeBundle(path('fourth.tgz'), await readBundle(path('third.tgz')))
  const [first, second, third, fourth] = await Promise.all(
    ['first', 'second', 'third', 'fourth'].map(name => readFile(path(`${name}.tgz`))),
  )
  expect(second).toEqual(first)
  expect(fourth).toEqual(third)
})

test('an archive is one folder that any tar can list', async () => {
  const written = await writeBundle(path('listed.tar.gz'), randomEvidence(3))
  expect(written).toEqual([path('listed.tar.gz')])
  const bytes = gunzipSync(await readFile(path('listed.tar.gz')))
  expect(bytes.length % 512).toBe(0)
  expect(bytes.toString('latin1', 0, 22)).toBe('evidence/manifest.json')
  expect(bytes.toString('latin1', 257, 262)).toBe('ustar')
})

test('lists come back in order of time, signals that are no numbers as gaps', async () => {
  const evidence = randomEvidence(1)
  const probes = [30, 10, 20].map(ms => ({ t: evidence.from + ms, ok: true, phaseMs: {} }))
  const ticks = [{ t: evidence.from, signals: { aas: Number.NaN, cpu_pct: 5 } }]
  await writeBundle(path('sorted'), { ...evidence, probes, ticks })
  const read = await readBundle(path('sorted'))
  expect(read.probes.map(({ t }) => t - evidence.from)).toEqual([10, 20, 30])
  expect(read.ticks[0]?.signals).toEqual({ cpu_pct: 5 })
})

test('nobody else may read it, and no draft is left', async () => {
  const folder = path('private/deep/bundle')
  const written = await writeBundle(folder, randomEvidence(2))
  const archive = path('private/deep/bundle.tar.gz')
  await writeBundle(archive, randomEvidence(2))
  expect(((await stat(folder)).mode & 0o777).toString(8)).toBe('700')
  for (const file of [...written, archive]) expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
  expect((await readdir(folder)).map(name => join(folder, name)).sort()).toEqual(written.sort())
  expect((await readdir(path('private/deep'))).sort()).toEqual(['bundle', 'bundle.tar.gz'])
})

test('what is there is never overwritten, save an empty folder', async () => {
  const evidence = randomEvidence(4)
  await mkdir(path('taken'))
  await writeBundle(path('taken'), evidence)
  const before = await readFile(path('taken/manifest.json'))
  expect((await refusal(writeBundle(path('taken'), evidence))).code).toBe('file-exists')
  expect(await readFile(path('taken/manifest.json'))).toEqual(before)
  for (const name of ['file', 'file.tar.gz']) {
    await writeFile(path(name), 'mine')
    expect((await refusal(writeBundle(path(name), evidence))).code).toBe('file-exists')
    expect(await readFile(path(name), 'utf8')).toBe('mine')
  }
  await mkdir(path('empty.tgz'))
  expect((await refusal(writeBundle(path('empty.tgz'), evidence))).code).toBe('file-exists')
  await symlink(path('nowhere'), path('dangling.tgz'))
  expect((await refusal(writeBundle(path('dangling.tgz'), evidence))).code).toBe('file-exists')
})

test('a place that cannot be written says so', async () => {
  await writeFile(path('plain'), '')
  expect((await refusal(writeBundle(path('plain/under'), randomEvidence(5)))).code).toBe('file-unwritable')
  expect((await refusal(writeBundle(path('x'.repeat(250)), randomEvidence(5)))).code).toBe('file-unwritable')
})

test('a day at one tick a second and forty signals', { timeout: 120_000 }, async () => {
  const random = randomNumbers(1)
  const columns = SIGNALS.slice(0, 40)
  const from = Date.UTC(2026, 0, 1)
  const ticks = Array.from({ length: 86_400 }, (_, at) => ({
    t: from + at * 1000,
    signals: Object.fromEntries(columns.map(name => [name, Number((random() * 1000).toPrecision(6))])),
  }))
  const empty = { probes: [], failures: [], statements: [], events: [] }
  const to = from + 86_400_000
  const day: Evidence = { target: { name: 'day', engine: 'mysql' }, from, to, tickMs: 1000, ticks, ...empty }
  await writeBundle(path('day.tar.gz'), day)
  const start = performance.now()
  const read = await readBundle(path('day.tar.gz'))
  process.stdout.write(`86,400 ticks of 40 signals: read in ${Math.round(performance.now() - start)} ms\n`)
  expect(read.ticks.length).toBe(ticks.length)
  for (const at of [0, 4711, 86_399]) expect(read.ticks[at]).toEqual(ticks[at])
})
