import { expect, test } from 'vitest'
import { fingerprint, plain, redact } from './redact.ts'

test.each([
  ["select * from t where name = 'Zoë O''Hara' and id=42", 'select * from t where name = ? and id=?'],
  ['select  1.5e-10,\n\t.5, 0xFF, 1_000', 'select ?, …'],
  ["select E'it\\'s secret', e'\\\\', B'101', X'1F', N'x', U&'d\\0061t'", 'select ?, …'],
  ['select $$it is secret$$, $tag$also $$ secret$tag$', 'select ?, …'],
  ['select $1, $2 from t1 as "Table ""2"""', 'select $1, $2 from t1 as "Table ""2"""'],
  ['select a$b$c from t -- secret\nwhere /* a /* nested */ secret */ x', 'select a$b$c from t where x'],
  ['insert into t values (1, 2, 3), (4, 5, 6)', 'insert into t values (?, …), (?, …)'],
  ['set app.token = secret', 'set app.token = ?'],
  ["alter role x password 'secret'", 'alter role x password ?'],
  ["select 'a\\', secret, 'b'", 'select ? …'],
  ['select größe, naïve_1 from ünï', 'select größe, naïve_1 from ünï'],
  ['', ''],
  ['-- only a comment', ''],
])('%s', (text, expected) => {
  expect(redact(text)).toBe(expected)
})

test('the length is bounded', () => {
  const text = redact(`select ${'column_name, '.repeat(1_000)}`)
  expect(text).toHaveLength(1_000)
  expect(text.endsWith('…')).toBe(true)
})

const NASTY = [
  "select 'SECRET', 'it''SECRET', E'\\'SECRET\\\\', U&'\\0053SECRET' uescape '!', n'SECRET', b'1', x'AA'",
  ", $$SECRET$$, $a$SECRET $$ SECRET$b$SECRET$a$, $é$SECRET$é$, 'multi\nSECRET' \n 'SECRET', 4711.5e+3, .4711, 0x4711",
  " /* SECRET /* SECRET */ SECRET */ from t1 -- SECRET 'SECRET\n where a = 'SECRET' and \"x\"\"y\" = '--SECRET'",
  " and b = '/*SECRET' and c <> $1 and d = 'SECRET*/' and e = 'back\\slash SECRET' and f in (4711, 4711)",
].join('')

test('cut off anywhere, no literal leaks', () => {
  for (let end = 0; end <= NASTY.length; end++) {
    const out = redact(NASTY.slice(0, end))
    expect(out, NASTY.slice(0, end)).not.toMatch(/S?ECRET|SECR|4711|slash/)
  }
  expect(redact(NASTY)).toContain('from t1')
})

test('with backslashes read either way, no literal leaks', () => {
  const text = "select 'it\\'s SECRET', 'a\\', 'SECRET', 'b\\\\', 'SECRET'"
  for (let end = 0; end <= text.length; end++) expect(redact(text.slice(0, end))).not.toContain('SECR')
})

test('the same statement with other literals has the same fingerprint', () => {
  const of = (text: string) => fingerprint(redact(text))
  expect(of("select 1, 'a'")).toBe(of("select 22,  'b' -- note"))
  expect(of('select 1')).not.toBe(of('delete from t'))
})

test('names lose control characters', () => {
  expect(plain('web\u001b[31m\n\u202e')).toBe('web�[31m��')
})
