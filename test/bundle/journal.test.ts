// The journal on disk: whole lines, in order, also after a crash.
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { JournalEntry } from '../../src/model/index.ts'
import { fileJournal } from '../../src/store/index.ts'
import { refusal, temporaryFolder } from './kit.ts'

const path = temporaryFolder()

const t = Date.UTC(2026, 0, 1)
const entry = (n: number): JournalEntry => ({ t: t + n, run: 'r1', event: 'intend', detail: { n } })

const read = async (file: string) => (await readFile(file, 'utf8')).split('\n')

test('entries stand in the order of the calls, one line each', async () => {
  const file = path('deep/journal.ndjson')
  const journal = fileJournal(file)
  await Promise.all(Array.from({ length: 50 }, (_, n) => journal.append(entry(n))))
  const lines = await read(file)
  expect(lines.pop()).toBe('')
  expect(lines.map(line => JSON.parse(line).detail.n)).toEqual(Array.from({ length: 50 }, (_, n) => n))
  expect(JSON.parse(lines[7] ?? '')).toEqual({ ...entry(7), t: '2026-01-01T00:00:00.007Z' })
  expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
})

test('an entry is in the file when append resolves', async () => {
  const file = path('now.ndjson')
  const journal = fileJournal(file)
  for (let n = 1; n <= 3; n++) {
    await journal.append(entry(n))
    expect(await read(file)).toHaveLength(n + 1)
  }
})

test('half a line of a crash does not swallow the next entry', async () => {
  const file = path('crashed.ndjson')
  await fileJournal(file).append(entry(1))
  await appendFile(file, '{"t":"2026-')
  await fileJournal(file).append(entry(2))
  const lines = await read(file)
  expect(lines).toHaveLength(4)
  expect(JSON.parse(lines[2] ?? '').detail.n).toBe(2)
})

test('a journal that cannot be written fails each append, until it can', async () => {
  const file = path('blocked.ndjson')
  await mkdir(file)
  const journal = fileJournal(file)
  const codes = await Promise.all([1, 2].map(async n => (await refusal(journal.append(entry(n)))).code))
  expect(codes).toEqual(['file-unwritable', 'file-unwritable'])
})
