// What a user can get wrong before a database is asked: one line, one hint, 64. And help, which needs no driver.
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { EXIT } from '../../src/model/index.ts'
import { spillway } from '../kit/spillway.ts'
import { expectClean, expectRefusal, freshPaths, SECRET } from './kit.ts'

const fresh = freshPaths()
const URL = `postgres://app:${SECRET}@127.0.0.1:1/app`
const VERBS = ['demo', 'diagnose', 'probe', 'doctor', 'slots', 'blocking', 'record']

/** Loaded before the program: writes every file that an import or a require resolves to on stderr. */
const TRACE = `
import { Module, register } from 'node:module'
const hooks = 'export const resolve = async (specifier, context, next) => { const found = await next(specifier, context);' +
  ' process._rawDebug("loads " + found.url); return found }'
register('data:text/javascript,' + encodeURIComponent(hooks))
const original = Module._resolveFilename
Module._resolveFilename = (...args) => {
  const found = original(...args)
  process._rawDebug('loads ' + found)
  return found
}`
const TRACING = { node: ['--import', `data:text/javascript,${encodeURIComponent(TRACE)}`] }
const packagesIn = (trace: string): Set<string> =>
  new Set([...trace.matchAll(/^loads .*\/node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(match => match[1]!))

describe.concurrent('help', () => {
  test('loads no driver, while a verb does', async () => {
    const [help, verb] = await Promise.all([spillway(['--help'], TRACING), spillway(['slots', URL], TRACING)])
    expect(help.code).toBe(EXIT.fine)
    expect([...packagesIn(help.stderr)].sort()).toEqual(['commander', 'picocolors'])
    expect([...packagesIn(verb.stderr)]).toContain('pg')
  })

  test('goes to stdout, and names every verb', async () => {
    const { code, stdout, stderr } = await spillway(['--help'])
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(match => match[1])
    expect(named).toEqual(expect.arrayContaining(VERBS))
  })

  test.each(VERBS)('of %s', async verb => {
    const { code, stdout, stderr } = await spillway([verb, '--help'])
    expect({ code, stderr }).toEqual({ code: EXIT.fine, stderr: '' })
    expect(stdout).toContain(`spillway ${verb}`)
  })

  test('the version is that of the package', async () => {
    const { code, stdout } = await spillway(['--version'])
    expect(code).toBe(EXIT.fine)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test('nothing at all is a mistake, and help is the answer', async () => {
    const { code, stdout, stderr } = await spillway([])
    expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: '' })
    for (const verb of VERBS) expect(stderr).toContain(`\n  ${verb} `)
  })
})

describe.concurrent('a mistake on the command line', () => {
  test.each([
    ['an unknown verb', ['frobnicate']],
    ['a verb with a slip', ['diagnoze', URL]],
    ['no verb but a target', [URL]],
    ['an unknown option', ['diagnose', '--frobnicate', URL]],
    ['an option of another verb', ['slots', '--for', '4s', URL]],
    ['two targets', ['diagnose', URL, URL]],
    ['an option without its value', ['diagnose', URL, '--for']],
    ['record without a file', ['record', URL]],
    ['record without anything', ['record']],
    ['a target and a bundle', ['diagnose', URL, '--from', '/nonexistent/bundle']],
    ['a scenario that does not exist', ['demo', '--scenario', 'frobnicate']],
    ['a scenario that the lab does not have', ['lab', 'run', 'frobnicate']],
    ['one of them', ['lab', 'score', '--scenario', 'row-lock,frobnicate']],
    ['an engine that the lab does not have', ['lab', 'run', 'row-lock', '--engine', 'oracle']],
    ['a scenario that is not for that engine', ['lab', 'run', 'standby-gone', '--engine', 'mysql']],
    ['a remedy that there is not', ['lab', 'run', 'row-lock', '--cure', 'frobnicate']],
    ['what was kept, done otherwise', ['lab', 'score', '--from', '/nonexistent', '--cure']],
    ['seeds that are none', ['lab', 'score', '--seeds', '1,x']],
    ['an intensity that is none', ['lab', 'run', 'row-lock', '--intensity', '0']],
  ])('%s', async (_, args) => {
    const ended = await spillway(args)
    expectRefusal(ended, EXIT.usage)
    expect(ended.stdout).toBe('')
  })

  test.each([
    ...['0', '-5s', '0.2s', '25h', 'soon', '', '4s4s'].map(text => ['--for', text]),
    ...['0', '1.5', '1025', 'many', ''].map(text => ['--vcpus', text]),
  ])('diagnose %s %j', async (name, text) => {
    const ended = await spillway(['diagnose', URL, name!, text!])
    expectRefusal(ended, EXIT.usage)
    expect(ended.stdout).toBe('')
  })

  test.each(['0', '3601', 'x'])('probe --count %j', async text => {
    expectRefusal(await spillway(['probe', URL, '--count', text]), EXIT.usage)
  })

  test('record onto something that exists is refused before anything is watched', async () => {
    const file = fresh('bundle.tar.gz')
    await writeFile(file, 'precious')
    const ended = await spillway(['record', URL, file, '--for', '2s'])
    expectRefusal(ended, EXIT.usage)
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(2)
    expect(await readFile(file, 'utf8')).toBe('precious')
  })

  test('record to where nothing can be written', async () => {
    expectRefusal(await spillway(['record', URL, '/dev/null/bundle', '--for', '1s']), EXIT.failed)
  })

  test('a bad option of record leaves no file', async () => {
    const file = fresh('bundle')
    expectRefusal(await spillway(['record', URL, file, '--for', '0']), EXIT.usage)
    expect(existsSync(file)).toBe(false)
  })
})

describe.concurrent('a target that does not parse', () => {
  const password = encodeURIComponent(SECRET)
  test.each([
    'banana',
    '',
    'oracle://app@h/db',
    'http://h/',
    'postgres://[::1/app',
    `postgres://app:${password}@h:notaport/app`,
    `postgres://app:${password}@h:99999/app`,
    `postgres://app:${password}@h:0/app`,
    `postgres://app:${password}@a,b/app`,
    `postgres://app:${password}@h/app?sslmode=maybe`,
    `postgres://app:${password}@h/app?frobnicate=1`,
    `postgres://app:${password}@h/app?sslmode`,
    `postgres://app:${password}%zz@h/app`,
    `host=h password='${SECRET}`,
    `host=h password=${SECRET} frobnicate=1`,
    `host=h password=${SECRET} connect_timeout=soon`,
  ])('%s', async target => {
    const ended = await spillway(['diagnose', target])
    expectRefusal(ended, EXIT.usage)
    expect(ended.stdout).toBe('')
  })

  test.each(['probe', 'doctor', 'slots', 'blocking', 'statements'])('%s', async verb => {
    expectRefusal(await spillway([verb, 'banana']), EXIT.usage)
  })

  test('record', async () => {
    const file = fresh('bundle')
    expectRefusal(await spillway(['record', 'banana', file]), EXIT.usage)
    expect(existsSync(file)).toBe(false)
  })

  test('out of the environment', async () => {
    const env = { DATABASE_URL: `postgres://app:${password}@h:notaport/app` }
    expectRefusal(await spillway(['slots'], { env }), EXIT.usage)
  })

  test.each(['diagnose', 'probe', 'doctor', 'slots', 'blocking', 'statements'])(
    '%s without any',
    async verb => {
      expectRefusal(await spillway([verb]), EXIT.usage)
    },
  )
})

describe.concurrent('a password in the wrong place is not repeated', () => {
  test.each([
    ['as a verb', [URL], EXIT.usage],
    ['pairs as a verb', [`host=h password=${SECRET}`], EXIT.usage],
    ['quoted pairs as a verb', [`host=h password='${SECRET}'`], EXIT.usage],
    ['a parameter of a URI as a verb', [`postgres://h/db?user=a&password=${SECRET}`], EXIT.usage],
    ['as a duration', ['diagnose', '--for', URL], EXIT.usage],
    ['as a number', ['probe', '--count', URL], EXIT.usage],
    ['as a bundle', ['diagnose', '--from', URL], EXIT.unreadable],
    ['as a scenario', ['demo', '--scenario', URL], EXIT.usage],
    ['as an option', ['diagnose', `--${URL}`], EXIT.usage],
    ['with a slash, before a port', ['slots', `postgres://app:12/${SECRET}@127.0.0.1:1`], EXIT.usage],
    ['with a slash', ['slots', `postgres://app:12/${SECRET}@127.0.0.1:1/app`], EXIT.usage],
  ])('%s', async (_, args, code) => {
    const ended = await spillway(args)
    expectClean(ended.stdout + ended.stderr)
    expectRefusal(ended, code)
  })
})
