// Every fact is recognised by its own words, in the forms that logs, drivers and clients give them.
import { describe, expect, test } from 'vitest'
import { forSeeds } from '../../test/kit/property.ts'
import { SYMPTOMS } from './data/index.ts'
import { explainError } from './explain.ts'
import { codesOf, MAX_TEXT } from './reading.ts'
import type { Symptom } from './symptom.ts'

const first = (text: string): string | undefined => explainError(text)[0]?.id

const FILL: Record<string, string> = {
  host: 'db.example',
  ip: '10.0.3.17',
  port: '6432',
  user: 'web',
  role: 'web',
  database: 'orders',
  n: '17',
  errno: '2',
  path: '/run/mysqld/mysqld.sock',
  file: 'base/5/1259',
  encryption: 'no encryption',
  reason: 'Name or service not known',
  inner: 'the peer said so',
  advice: 'restart server and try again',
  option: 'geqo',
  pool: 'HikariPool-1',
}
const filled = (message: string): string => message.replace(/<([a-z]+)>/g, (_, name: string) => FILL[name]!)

const examples = SYMPTOMS.flatMap(symptom =>
  symptom.messages.map(message => [symptom.id, filled(message), symptom] as const),
)

/** Facts whose words are those of another fact: without the code nobody could tell. */
const SAME_WORDS: Record<string, { as: string; because: string }> = {
  'slots.my.1040.hard': { as: 'slots.my.1040', because: 'only the missing SQLSTATE differs' },
  'tls.required.mariadb': {
    as: 'auth.my.1045',
    because: 'MariaDB answers a client without TLS like a wrong password',
  },
  'pgb.forwarded': { as: 'slots.pg', because: 'PgBouncer forwards the words of the server' },
}

describe('words alone', () => {
  const own = examples.filter(([id]) => !(id in SAME_WORDS))

  test.each(own)('%s: %s', (id, message) => {
    expect(first(message)).toBe(id)
  })

  test.each(Object.entries(SAME_WORDS))('%s is told second, $because', (id, { as }) => {
    for (const [, message] of examples.filter(([other]) => other === id)) {
      const ids = explainError(message).map(explanation => explanation.id)
      expect(ids[0]).toMatch(new RegExp(`^${as.replaceAll('.', '\\.')}`))
      expect(ids).toContain(id)
    }
  })
})

/** The code beside the words, as each of them gives it. */
const FORMS: [string, (code: string, message: string, symptom: Symptom) => string][] = [
  ['an error object', (code, message) => JSON.stringify({ severity: 'FATAL', code, message, routine: 'x' })],
  [
    'an inspected error',
    (code, message) => `error: ${message}\n    at Parser.parse (a.js:1:2) {\n  code: '${code}'\n}`,
  ],
  [
    'a log line',
    (code, message) =>
      `2026-11-23 10:00:00.123 UTC:10.0.3.17(51234):web@orders:[1040]:${code}:FATAL:  ${message}`,
  ],
  [
    'csvlog',
    (code, message) =>
      `2026-11-23 10:00:00 UTC,"web","orders",53300,,FATAL,${code},"${message.replaceAll('"', '""')}",,,`,
  ],
]

describe('code and words', () => {
  const coded = examples.filter(([id, , { codes }]) => codes.length > 0 && id !== 'tls.required.mariadb')
  const postgres = coded.filter(([, , { codes }]) => /^[0-9A-Z]{5}$/.test(codes[0]!))

  describe.each(FORMS)('as %s', (_, form) => {
    test.each(postgres)('%s: %s', (id, message, symptom) => {
      expect(first(form(symptom.codes[0]!, message, symptom))).toBe(id)
    })
  })

  const mysql = coded.filter(([, , { codes }]) => /^\d{4}$/.test(codes[0]!))
  const sqlstateOf = ({ sqlstate = 'HY000' }: Symptom) => sqlstate

  test.each(mysql)('of the mysql client, %s: %s', (id, message, symptom) => {
    expect(first(`ERROR ${symptom.codes[0]} (${sqlstateOf(symptom)}): ${message}`)).toBe(id)
  })

  test.each(mysql)('of mysql2, %s: %s', (id, message, symptom) => {
    const [errno, code] = symptom.codes
    const sqlState = sqlstateOf(symptom) === 'HY000' ? '' : sqlstateOf(symptom)
    const text = JSON.stringify({ code, errno: Number(errno), sqlState, message })
    expect(first(text)).toBe(id)
  })

  test.each(mysql)('of PDO, %s: %s', (id, message, symptom) => {
    expect(first(`SQLSTATE[${sqlstateOf(symptom)}] [${symptom.codes[0]}] ${message}`)).toBe(id)
  })

  test.each(coded)('of Node.js, %s: %s', (id, message, { codes }) => {
    const text = `Error: ${message}\n    at connect (net.js:1:2) {\n  errno: -1,\n  code: '${codes.at(-1)}'\n}`
    expect(explainError(text).map(explanation => explanation.id)).toContain(id)
  })
})

describe('the words of other languages, with a code', () => {
  test.each(SYMPTOMS.filter(({ codes }) => codes.length > 0).map(({ id, codes }) => [id, codes] as const))(
    '%s',
    (id, codes) => {
      for (const code of codes) {
        const found = explainError(code)
        expect(found.map(explanation => explanation.id)).toContain(id)
      }
    },
  )
})

describe('any text', () => {
  const KNOWN = new Set(SYMPTOMS.map(({ id }) => id))
  const PARTS = [
    ...examples.map(([, message]) => message),
    ...SYMPTOMS.flatMap(codesOf),
    ...[
      '\u001b[31m',
      '\u0000',
      '\u202e',
      '\ud800',
      '"',
      '\\',
      '\\n',
      '\n',
      '    at ',
      '{"code":',
      ': ',
      ' (',
      '[',
      '💥',
    ],
  ]
  const pick = (random: () => number, of: readonly string[]) => of[Math.floor(random() * of.length)]!
  const scraps = (random: () => number): string => {
    let text = ''
    const length = 1 + random() * 30
    for (let i = 0; i < length; i++) {
      const part = pick(random, PARTS)
      text += random() < 0.5 ? part : part.slice(random() * part.length, random() * part.length)
    }
    return text
  }

  test('is answered out of the facts, and nothing of the text comes back', () => {
    forSeeds(300, random => {
      const text = scraps(random)
      for (const explanation of explainError(text)) {
        expect(KNOWN).toContain(explanation.id)
        expect(JSON.stringify(explanation)).not.toMatch(/\\u00|\u202e|\\ud8/)
      }
    })
  })

  test('is answered the same every time', () => {
    forSeeds(50, random => {
      const text = scraps(random)
      expect(explainError(text)).toEqual(explainError(text))
    })
  })

  test('is read up to a limit', () => {
    const beyond = `${'x'.repeat(MAX_TEXT)} sorry, too many clients already`
    expect(explainError(beyond)).toEqual([])
    expect(explainError(beyond.slice(100))[0]?.id).toBe('slots.pg.toomany')
  })

  test.each(['', ' ', '\u0000', '-', '{}', '5432', 'hello world', '1', 'HY000', '42000'])(
    '%j means nothing',
    text => {
      expect(explainError(text)).toEqual([])
    },
  )
})
