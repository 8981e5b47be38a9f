// Formulas as the parameter groups of RDS have them; the numbers are worked out by hand.
import { expect, test } from 'vitest'
import { evaluate } from './formula.ts'

const GIB = 1024 ** 3

test.each([
  ['LEAST({DBInstanceClassMemory/9531392},5000)', 8 * GIB, 901],
  ['LEAST({DBInstanceClassMemory/9531392},5000)', 64 * GIB, 5000],
  ['{DBInstanceClassMemory/12582880}', 8 * GIB, 682],
  ['{DBInstanceClassMemory*3/4}', 4 * GIB, 3 * GIB],
  ['GREATEST({DBInstanceClassMemory/1073741824*1},3)', 2 * GIB, 3],
  ['SUM({DBInstanceClassMemory/1073741824}, 10)', 2 * GIB, 12],
  [
    'GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})',
    16 * GIB,
    1069,
  ],
  ['least({DBInstanceClassMemory/1073741824},{DBInstanceVCPU*2})', 16 * GIB, 4],
  ['1500', 0, 1500],
  ['{DBInstanceClassMemory/3}', 10, 3],
])('%s', (formula, memory, value) => {
  expect(evaluate(formula, { DBInstanceClassMemory: memory, DBInstanceVCPU: 2 })).toBe(value)
})

test.each([
  'on',
  'pg_stat_statements,auto_explain',
  '{EndPointPort}',
  '{dbinstanceclassmemory/2}',
  'LEAST({DBInstanceClassMemory/9531392},5000',
  'LEAST()',
  '/rdsdbdata/db',
  '',
  '1 2',
  '{1/0}',
  'constructor',
])('%s is no formula of what is known', text => {
  expect(evaluate(text, { DBInstanceClassMemory: GIB })).toBeUndefined()
})
