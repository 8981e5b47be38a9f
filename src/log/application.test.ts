import { expect, test } from 'vitest'
import { applicationReader } from './application.ts'

/** Says that a line fails when it holds the word; what is found in it stands in the answer by no means. */
const failureIn = (text: string) =>
  text.includes('FAILS') ? { failure: 'client-pool-timeout' as const } : undefined
const reader = () => applicationReader(failureIn, 'bank')()
const read = (text: string, readAt?: number) => {
  const one = reader()
  return { found: [...one.push(Buffer.from(text), readAt), ...one.end(readAt)], notes: one.notes }
}
const T = Date.parse('2026-01-02T03:04:05.678Z')

test.each([
  ['2026-01-02T03:04:05.678Z ERROR it FAILS'],
  ['2026-01-02 03:04:05,678 [main] ERROR it FAILS'],
  ['ERROR [2026-01-02T04:04:05.678+01:00] it FAILS'],
  ['2026-01-02T02:34:05.678-0030 it FAILS'],
  [`{"level":50,"time":${T},"msg":"it FAILS"}`],
  [`{"ts":${T / 1000},"msg":"it FAILS"}`],
])('the time of %s', line => {
  expect(read(`${line}\n`, 1).found).toEqual([
    {
      t: T,
      kind: 'failure',
      failure: { source: 'application', application: 'bank', failure: 'client-pool-timeout' },
      vague: false,
    },
  ])
})

test('a stack belongs to the entry above it, and counts once', () => {
  const entry = '2026-01-02T03:04:05.678Z request 7\n  Error: FAILS\n  Caused by: FAILS\n'
  expect(read(entry + entry).found.map(({ t }) => t)).toEqual([T, T])
})

test('without a time the reading stands for it; without that it is left out and told', () => {
  expect(read('it FAILS\nit FAILS', 5).found.map(({ t }) => t)).toEqual([5, 5])
  expect(read('it FAILS\nfine\nit FAILS\n')).toEqual({
    found: [],
    notes: [expect.stringMatching(/^bank: 2 failures/)],
  })
})

test('a line that comes in pieces is one line', () => {
  const one = reader()
  expect(one.push(Buffer.from('2026-01-02T03:04:05.678Z it FA'))).toEqual([])
  expect(one.push(Buffer.from('ILS\n'))).toHaveLength(1)
})
