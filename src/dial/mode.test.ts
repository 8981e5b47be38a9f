import { expect, test } from 'vitest'
import { type Modes, modeOf, trustIn } from './mode.ts'

const RDS = 'orders.c9akciq32.eu-west-1.rds.amazonaws.com'
const MODES = {
  parameter: 'mode',
  names: {
    off: { plain: 'always', verify: 'none' },
    lax: { plain: 'may', verify: 'none' },
    must: { plain: 'never', verify: 'none' },
    signed: { plain: 'never', verify: 'chain' },
    strict: { plain: 'never', verify: 'name' },
  },
  trusting: 'lax',
  full: 'strict',
} as const satisfies Modes<string>
const wish = (host: string, { iam = false, ...rest }: { authority?: string; iam?: boolean } = {}) => ({
  host,
  aws: { iam },
  ...rest,
})

test.each([
  [wish(RDS), 'strict'],
  [wish('db.example'), 'lax'],
  [wish('db.example', { authority: '/ca.pem' }), 'strict'],
  [wish('db.example', { iam: true }), 'strict'],
  [wish('/var/run/postgresql', { authority: '/ca.pem' }), 'lax'],
])('%j and nothing said: %s', (one, mode) => {
  expect(modeOf(MODES, undefined, one)).toBe(mode)
})

test('what is said counts, unless it lets a token out', () => {
  expect(modeOf(MODES, 'lax', wish(RDS))).toBe('lax')
  expect(modeOf(MODES, 'must', wish(RDS, { iam: true }))).toBe('must')
  for (const text of ['lax', 'off', 'perhaps', 'toString']) {
    expect(() => modeOf(MODES, text, wish(RDS, { iam: true }))).toThrow(
      expect.objectContaining({ code: 'target-unparsable' }),
    )
  }
})

test('whose signature counts', () => {
  const { lax, must, signed, strict } = MODES.names
  const named = wish('db.example', { authority: '/ca.pem' })
  expect(trustIn(wish('db.example'), must)).toEqual({ verify: 'none', authorities: 'system' })
  expect(trustIn(named, must)).toEqual({ verify: 'chain', authorities: { file: '/ca.pem' } })
  expect(trustIn(named, lax)).toMatchObject({ verify: 'none' })
  expect(trustIn(wish('h', { authority: 'system' }), lax)).toEqual({ verify: 'name', authorities: 'system' })
  expect(trustIn(wish(RDS), signed)).toEqual({ verify: 'chain', authorities: 'rds' })
  expect(trustIn(wish('h', { iam: true }), strict)).toEqual({ verify: 'name', authorities: 'rds' })
  // The operator's own authority stands in for those of RDS.
  expect(trustIn({ ...named, host: RDS }, strict)).toMatchObject({ authorities: { file: '/ca.pem' } })
})
