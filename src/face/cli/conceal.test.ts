import { expect, test } from 'vitest'
import { conceal } from './conceal.ts'

test.each([
  "'postgres://app:hunter2@db:5432/orders'",
  'postgres://app:hun@ter2@db/orders',
  'postgres://:hunter2@db/orders',
  'mysql://app:12/hunter2@db/orders',
  'postgres://db/orders?user=app&password=hunter2&sslmode=require',
  'host=db password=hunter2',
  "host=db PASSWORD = 'hunter2' user=app",
  "host=db password='hunter2",
  'host=db password="hunter2"',
  JSON.stringify('host=db password="hunter2"'),
  String.raw`host=db password='it\'s hunter2'`,
  'PGPASSWORD=hunter2',
])('%s', text => {
  const concealed = conceal(text)
  expect(concealed).not.toMatch(/hun|ter2/)
  expect(concealed).toContain('…')
})

test.each([
  'postgres://app@db:5432/orders',
  'app@db:5432/orders: user or password is wrong (28P01: password authentication failed for user "app")',
  'set PGPASSWORD or a line in ~/.pgpass',
])('%s stays', text => expect(conceal(text)).toBe(text))
