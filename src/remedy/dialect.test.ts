import { expect, test } from 'vitest'
import { dialectOf } from './dialect.ts'

test('what each engine calls the same', () => {
  expect(dialectOf('postgres').endSession('7')).toBe('select pg_terminate_backend(7)')
  expect(dialectOf('mysql').endSession('7')).toBe('kill 7')
  expect(dialectOf('mysql').idleSessionTimeout('web', 300).commands).toEqual([
    'set persist wait_timeout = 300',
    'set persist interactive_timeout = 300',
  ])
  expect(dialectOf('mariadb').idleSessionTimeout('web', 300).commands).toEqual([
    'set global wait_timeout = 300',
    'set global interactive_timeout = 300',
  ])
})

test('MySQL has no timeout for idle transactions, MariaDB has one for the whole server', () => {
  expect(dialectOf('mysql').idleTransactionTimeout('web', 60)).toBeUndefined()
  expect(dialectOf('mariadb').idleTransactionTimeout('web', 60)?.commands).toEqual([
    'set global idle_transaction_timeout = 60',
  ])
})

test('MySQL’s lock timeouts are two: of rows, and of everything else', () => {
  const names = ['row', 'metadata', 'ddl-queue', undefined].map(
    kind => dialectOf('mysql').lockTimeout(['web'], 5, kind).name,
  )
  expect(names).toEqual([
    'innodb_lock_wait_timeout',
    'lock_wait_timeout',
    'lock_wait_timeout',
    'innodb_lock_wait_timeout',
  ])
})

test('names are quoted as each engine wants them', () => {
  expect(dialectOf('postgres').connectionLimit({ user: 'We"b' }, 9)).toBe(
    'alter role "We""b" connection limit 9',
  )
  expect(dialectOf('mysql').connectionLimit({ user: "we'b" }, 9)).toBe(
    "alter user 'we''b'@'%' with max_user_connections 9",
  )
})
