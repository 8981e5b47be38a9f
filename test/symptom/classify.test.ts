// Two ways to the same word: what the probe's classification says of an error, and what the facts say of its words.
import { describe, expect, test } from 'vitest'
import { classify as classifyMysql } from '../../src/engine/mysql/classify.ts'
import { classify } from '../../src/engine/postgres/classify.ts'
import { FAILURES, type Phase, SLOT_FAILURES } from '../../src/model/index.ts'
import { SYMPTOMS } from '../../src/symptom/data/index.ts'
import { symptomOf } from '../../src/symptom/index.ts'
import type { Layer } from '../../src/symptom/symptom.ts'

const AT: Partial<Record<Layer, Phase>> = {
  dns: 'resolve',
  tcp: 'connect',
  tls: 'tls',
  'session-ended': 'query',
  statement: 'query',
  storage: 'query',
  memory: 'query',
}

const examples = SYMPTOMS.filter(
  ({ engines, codes }) => engines.includes('postgres') && codes.length > 0,
).flatMap(({ id, layer, codes, messages }) =>
  messages.map(message => [id, codes[0]!, message, AT[layer] ?? 'authenticate'] as const),
)

/** What the probe does not meet: RDS Proxy's other meanings of the codes, other drivers, what only the log has. */
const ELSEWHERE = /^(?:proxy|orm|pool)\.|^(?:auth\.pg\.timeout|session\.pg\.libpq)$/

/** The probe's one statement reads no table, so nothing ends it for the sake of recovery: it says `query-failed`. */
const NOT_TOLD_APART = ['session.pg.40001']

const met = examples.filter(([id]) => !ELSEWHERE.test(id) && !NOT_TOLD_APART.includes(id))

describe('the probe and the facts agree', () => {
  test.each(met)('%s %s %s', (_, code, message, phase) => {
    const { failure } = classify(Object.assign(new Error(message), { code }), phase)
    if (failure !== 'unclassified') expect(symptomOf(code, message)).toBe(failure)
  })
})

const metOnMysql = SYMPTOMS.filter(
  ({ engines, emittedBy, codes }) =>
    engines.some(engine => engine !== 'postgres') &&
    emittedBy.startsWith('the server') &&
    /^\d{4}$/.test(codes[0] ?? ''),
)
  // The one is told by its number alone like a wrong password; the others are a driver's words in the log.
  .filter(({ id }) => id !== 'tls.required.mariadb' && id !== 'lost.my.net')
  .flatMap(({ id, layer, codes, messages }) =>
    messages.map(message => [id, codes[0]!, message, layer] as const),
  )

describe('the probe of MySQL and the facts agree', () => {
  test.each(metOnMysql)('%s %s %s', (_, number, message, layer) => {
    const error = Object.assign(new Error(message), { errno: Number(number) })
    const { failure } = classifyMysql(error, AT[layer] ?? 'authenticate')
    if (failure !== 'unclassified') expect(symptomOf(number, message)).toBe(failure)
  })
})

describe('the word of a failure', () => {
  test.each([
    ['53300', 'too many connections for role "web"', 'role-limit'],
    ['53300', 'tut mir leid, schon zu viele Verbindungen', 'slots-exhausted'],
    ['53300', 'The maximum number of client connections to the proxy exceeded 100.', 'slots-exhausted'],
    [
      '08P01',
      'remaining connection slots are reserved for roles with the SUPERUSER attribute',
      'reserved-slots-only',
    ],
    ['08P01', 'something else', 'unclassified'],
    ['28000', 'kein pg_hba.conf-Eintrag', 'not-permitted'],
    ['57P03', 'the database system is shutting down', 'server-stopping'],
    ['40001', 'could not serialize access due to concurrent update', 'unclassified'],
    ['', 'timeout exceeded when trying to connect', 'client-pool-timeout'],
    [
      '',
      'Connection is not available, request timed out after 9ms. Caused by: sorry, too many clients already',
      'slots-exhausted',
    ],
    ['ER_CON_COUNT_ERROR', 'Too many connections', 'slots-exhausted'],
    [
      'ER_USER_LIMIT_REACHED',
      "User 'web' has exceeded the 'max_user_connections' resource (current value: 2)",
      'role-limit',
    ],
    ['1045', "Access denied for user 'web'@'%' (using password: YES)", 'authentication-failed'],
    ['2003', "Can't connect to MySQL server on 'db:3306' (111)", 'connection-refused'],
    ['2003', "Can't connect to MySQL server on 'db:3306' (110)", 'connect-timeout'],
    ['2026', 'SSL connection error: certificate verify failed', 'tls-certificate'],
    ['', 'Unknown error', 'unclassified'],
    ['', '', 'unclassified'],
  ])('%s %s', (code, message, failure) => {
    expect(symptomOf(code, message)).toBe(failure)
  })

  test('every word has a fact', () => {
    const told = new Set(
      SYMPTOMS.flatMap(({ codes, messages }) => messages.map(message => symptomOf(codes[0] ?? '', message))),
    )
    expect(FAILURES.filter(failure => !told.has(failure))).toEqual([])
  })

  test('is known for every fact, and want of a slot only where a limit was met', () => {
    for (const { layer, codes, messages } of SYMPTOMS) {
      for (const message of messages) {
        const failure = symptomOf(codes[0] ?? '', message)
        expect(FAILURES).toContain(failure)
        expect(SLOT_FAILURES.includes(failure)).toBe(
          /^(?:slots|limit-|proxy-pool|proxy-limit|pooler-limit|pooler-pool)/.test(layer) &&
            failure !== 'authentication-failed',
        )
      }
    }
  })
})
