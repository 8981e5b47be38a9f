import { expect, test } from 'vitest'
import { AppError } from '../../model/index.ts'
import { MAX_FILE_BYTES, MAX_MEMBERS } from './files.ts'
import { memberGate } from './member.ts'

/** What the gate says to members in turn: the file's name, undefined, or the code of its refusal. */
function pass(...members: (string | { name: string; type?: string; bytes?: number })[]): unknown[] {
  const gate = memberGate()
  return members.map(member => {
    const {
      name,
      type = name.endsWith('/') ? 'Directory' : 'File',
      bytes = 1,
    } = typeof member === 'string' ? { name: member } : member
    try {
      return gate({ name, type, bytes })
    } catch (error) {
      return error instanceof AppError ? error.code : error
    }
  })
}

const no = 'bundle-hostile'

test('files lie at the top, in one folder, or behind a dot', () => {
  expect(pass('manifest.json', 'signals.csv')).toEqual(['manifest.json', 'signals.csv'])
  expect(pass('x/', 'x/manifest.json')).toEqual([undefined, 'manifest.json'])
  expect(pass('./', './manifest.json')).toEqual([undefined, 'manifest.json'])
  expect(pass('./x/manifest.json')).toEqual(['manifest.json'])
})

test('unknown files are ignored where their names are harmless', () => {
  expect(pass('._x', 'x/', 'x/notes.txt', 'x/deep/manifest.json')).toEqual(Array(4).fill(undefined))
})

test.each([
  '../manifest.json',
  'x/../manifest.json',
  'x/..',
  '/manifest.json',
  'x\\manifest.json',
  '..\\manifest.json',
  'C:/manifest.json',
  'c:manifest.json',
  'x/mani\nfest.json',
  'x/\u001b[2Jnotes',
  'x/a\u0000',
  'x/\u202egpj.exe',
  'x/\u2028',
])('the name %j is refused', name => {
  expect(pass(name)).toEqual([no])
})

test.each(['SymbolicLink', 'Link', 'CharacterDevice', 'BlockDevice', 'FIFO', 'Unsupported', 'GNUDumpDir'])(
  'a %s is refused',
  type => {
    expect(pass({ name: 'manifest.json', type })).toEqual([no])
  },
)

test('no file stands twice, however its name is written', () => {
  expect(pass('x/manifest.json', 'x/./manifest.json')).toEqual(['manifest.json', no])
  expect(pass('x/notes', 'x//notes')).toEqual([undefined, no])
})

test('there is one top folder', () => {
  expect(pass('a/manifest.json', 'b/signals.csv')).toEqual(['manifest.json', no])
  expect(pass('manifest.json', 'b/signals.csv')).toEqual(['manifest.json', no])
  expect(pass('a/', 'b/')).toEqual([undefined, no])
})

test('size and number have limits', () => {
  expect(pass({ name: 'x', bytes: MAX_FILE_BYTES }, { name: 'y', bytes: MAX_FILE_BYTES + 1 })).toEqual([
    undefined,
    no,
  ])
  const names = Array.from({ length: MAX_MEMBERS + 1 }, (_, n) => `x/${n}`)
  expect(pass(...names)).toEqual([...Array(MAX_MEMBERS).fill(undefined), no])
})
