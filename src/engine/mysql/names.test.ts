// Who has not said its name yet, and who never will.
import { expect, test } from 'vitest'
import type { Flags } from './flags.ts'
import { Names } from './names.ts'
import type { Ask } from './wire.ts'

const flags = { accounts: false, attributes: true } as Flags

test('a session that was about to log in is asked again, one that says nothing is left alone', async () => {
  const names = new Names()
  const said = new Map<string, string>()
  const asked: string[] = []
  const ask = (async (sql: string) => {
    const ids = /in \((.*)\)/.exec(sql)![1]!.split(', ')
    asked.push(...ids)
    return [ids.flatMap(id => (said.has(id) ? [{ id, name: said.get(id)! }] : []))]
  }) as Ask
  const look = () => names.learn(ask, flags, new Set(['7', '8']), () => false)
  await look()
  said.set('7', 'web')
  for (let i = 0; i < 5; i++) await look()
  expect([names.application('7'), names.application('8')]).toEqual(['web', undefined])
  expect(asked.filter(id => id === '7')).toHaveLength(2)
  expect(asked.filter(id => id === '8')).toHaveLength(3)
})
