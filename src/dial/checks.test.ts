import { expect, test } from 'vitest'
import { tlsChecks } from './checks.ts'

const MODE = { mode: 'sslmode=verify-full' }
const oks = (...args: Parameters<typeof tlsChecks>) =>
  Object.fromEntries(tlsChecks(...args).map(({ name, ok, fix }) => [name, fix === undefined ? ok : 'mend']))

test.each([
  ['name', false, { tls: true, certificate: true }],
  ['chain', false, { tls: true, certificate: 'mend' }],
  ['none', false, { tls: true, certificate: 'mend' }],
  ['none', true, { tls: true, certificate: true }],
  [undefined, false, { tls: 'mend' }],
  [undefined, true, { tls: true }],
] as const)('verified %s, local %s', (verified, isLocal, expected) => {
  expect(oks(verified, isLocal, MODE)).toEqual(expected)
})

test('a server without TLS is mended first', () => {
  const [check] = tlsChecks(undefined, false, { ...MODE, switchOn: 'ALTER SYSTEM SET ssl = on;' })
  expect(check?.fix).toBe('ALTER SYSTEM SET ssl = on;')
})
