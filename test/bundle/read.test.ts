// Bundles that are damaged, foreign or made to do harm: each ends in one AppError, whatever its bytes.
import { mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../src/model/index.ts'
import { MAX_FILE_BYTES } from '../../src/store/bundle/files.ts'
import { readBundle, writeBundle } from '../../src/store/index.ts'
import { type Member, refusal, tar, tarGz, temporaryFolder } from './kit.ts'
import { randomEvidence, randomNumbers } from './random.ts'

const path = temporaryFolder()

const manifest: Member = {
  name: 'x/manifest.json',
  body: JSON.stringify({
    schema: 'spillway/evidence/v1',
    target: { name: 'orders', engine: 'postgres' },
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-01T00:01:00.000Z',
    tickMs: 1000,
  }),
}

async function readBytes(bytes: Buffer) {
  await writeFile(path('given.tar.gz'), bytes)
  return readBundle(path('given.tar.gz'))
}

const codeOf = async (bytes: Buffer) => (await refusal(readBytes(bytes))).code

describe('what is not there or no bundle', () => {
  test('a path that leads nowhere', async () => {
    for (const name of ['absent', 'absent/deeper', 'absent.tar.gz'])
      expect((await refusal(readBundle(path(name)))).code).toBe('bundle-missing')
    await writeFile(path('file'), '')
    expect((await refusal(readBundle(path('file/deeper')))).code).toBe('bundle-missing')
    expect((await refusal(readBundle('a\0b'))).code).toBe('bundle-unreadable')
  })

  test('an empty folder, and a folder of something else', async () => {
    await mkdir(path('folder'))
    expect((await refusal(readBundle(path('folder')))).code).toBe('bundle-unreadable')
    await writeFile(path('folder/notes.txt'), 'hello')
    expect((await refusal(readBundle(path('folder')))).code).toBe('bundle-unreadable')
  })

  test('a socket', async () => {
    const server = createServer().listen(path('socket'))
    await new Promise(resolve => server.once('listening', resolve))
    expect((await refusal(readBundle(path('socket')))).code).toBe('bundle-unreadable')
    await new Promise(resolve => server.close(resolve))
  })

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello')],
    ['a plain tar', tar(manifest)],
    ['compressed nothing', gzipSync('')],
    ['compressed text', gzipSync('hello')],
    ['compressed long text', gzipSync('hello'.repeat(1000))],
    ['an empty archive', tarGz()],
    ['zeros', gzipSync(Buffer.alloc(100_000))],
    ['compressed twice', gzipSync(tarGz(manifest))],
    ['other files', tarGz({ name: 'notes.txt', body: 'hello' })],
  ])('%s', async (_, bytes) => {
    expect(await codeOf(bytes)).toBe('bundle-unreadable')
  })
})

describe('truncation and damage', () => {
  test('an archive cut off at any byte is refused', { timeout: 60_000 }, async () => {
    const whole = tarGz(manifest, { name: 'x/signals.csv', body: 't,aas\n2026-01-01T00:00:00.000Z,1\n' })
    for (let length = 0; length < whole.length; length++)
      expect(await codeOf(whole.subarray(0, length)), `${length} bytes`).toBe('bundle-unreadable')
    expect((await readBytes(whole)).ticks).toHaveLength(60)
  })

  test('so is the tar inside, cut off at any block or within one', async () => {
    const whole = tar(
      manifest,
      { name: 'x/probes.ndjson', body: '' },
      { name: 'x/notes', body: 'y'.repeat(600) },
    )
    for (let length = 0; length < whole.length; length += 128)
      expect(await codeOf(gzipSync(whole.subarray(0, length))), `${length} bytes`).toBe('bundle-unreadable')
  })

  test('random bytes in the tar bring an AppError or evidence, never anything else', {
    timeout: 60_000,
  }, async () => {
    await writeBundle(path('sound.tgz'), randomEvidence(11))
    const sound = gunzipSync(await readFile(path('sound.tgz')))
    const random = randomNumbers(5)
    const codes = new Set<string>()
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(sound)
      for (let flips = 0; flips < 3; flips++)
        bytes[Math.floor(random() * (round % 2 ? 512 : bytes.length))] = Math.floor(random() * 256)
      await readBytes(gzipSync(bytes, { level: 1 })).catch(error => {
        expect(error).toBeInstanceOf(AppError)
        codes.add(error.code)
      })
    }
    expect(codes).toContain('bundle-unreadable')
    expect(codes).toContain('bundle-invalid')
  })

  test('a folder with a file cut off anywhere is refused or shorter', { timeout: 60_000 }, async () => {
    await writeBundle(path('cut'), randomEvidence(12))
    for (const name of await readdir(path('cut'))) {
      const whole = await readFile(path(`cut/${name}`))
      for (let length = whole.length - 1; length > 0; length -= 1 + Math.floor(whole.length / 50)) {
        await truncate(path(`cut/${name}`), length)
        await readBundle(path('cut')).catch(error => {
          expect(error).toBeInstanceOf(AppError)
          expect(error.message).toContain(name)
        })
      }
      await writeFile(path(`cut/${name}`), whole)
    }
    expect(await readBundle(path('cut'))).toEqual(randomEvidence(12))
  })
})

describe('contracts', () => {
  test('another version of the schema', async () => {
    const body = JSON.stringify({ schema: 'spillway/evidence/v2' })
    const error = await refusal(readBytes(tarGz({ ...manifest, body })))
    expect(error.code).toBe('bundle-schema')
    expect(error.message).toContain('spillway/evidence/v2')
    expect(error.message).toContain('spillway/evidence/v1')
  })

  test('a wrong column', async () => {
    const error = await refusal(
      readBytes(tarGz(manifest, { name: 'x/signals.csv', body: 't,load\n2026-01-01T00:00:00.000Z,1\n' })),
    )
    expect(error.code).toBe('bundle-invalid')
    expect(error.message).toContain('signals.csv line 1')
    expect(error.message).toContain('"load"')
  })
})

/** An extended header (pax) that gives the next member another value than its own header has room for. */
const pax = (key: string, value: string): Member => {
  const rest = ` ${key}=${value}\n`
  const digits = String(Buffer.byteLength(rest)).length
  const length = Buffer.byteLength(rest) + digits
  return { name: 'pax', type: 'x', body: `${String(length).length > digits ? length + 1 : length}${rest}` }
}

describe('hostile archives', () => {
  test.each<[string, Member[]]>([
    ['a path that climbs', [manifest, { name: 'x/../../etc/passwd' }]],
    ['an absolute path', [{ ...manifest, name: '/manifest.json' }]],
    ['a path of Windows', [manifest, { name: 'C:\\x\\signals.csv' }]],
    ['control characters', [manifest, { name: 'x/\u001b[2J' }]],
    ['a long name that climbs', [pax('path', `x/${'y'.repeat(200)}/../z`), { name: 'z' }, manifest]],
    ['a long name with a zero', [pax('path', '../x\0y'), { name: 'z' }, manifest]],
    ['a GNU long name that climbs', [{ name: 'l', type: 'L', body: `../${'y'.repeat(200)}` }, manifest]],
    ['a symbolic link', [{ name: 'x/manifest.json', type: '2', link: '/etc/passwd' }]],
    ['a hard link', [manifest, { name: 'x/signals.csv', type: '1', link: 'x/manifest.json' }]],
    ['a device', [manifest, { name: 'x/signals.csv', type: '3' }]],
    ['a pipe', [manifest, { name: 'x/signals.csv', type: '6' }]],
    ['a sparse file', [manifest, { name: 'x/signals.csv', type: 'S' }]],
    ['the same file twice', [manifest, manifest]],
    ['two top folders', [manifest, { name: 'y/signals.csv' }]],
    ['many members', Array.from({ length: 65 }, (_, n) => ({ name: `x/${n}` }))],
    ['many folders', Array.from({ length: 65 }, (_, n) => ({ name: `x/${n}/`, type: '5' }))],
    ['a member that claims too much', [{ ...manifest, size: MAX_FILE_BYTES + 1 }]],
    ['a claim in an extended header', [pax('size', '99999999999'), manifest]],
    [
      'an extended header of its own size',
      [{ name: 'p', type: 'x', body: Buffer.alloc(2_000_000) }, manifest],
    ],
  ])('%s', async (_, members) => {
    expect(await codeOf(tarGz(...members))).toBe('bundle-hostile')
  })
})

describe('limits and links', () => {
  test('unknown files with harmless names are ignored', async () => {
    const evidence = await readBytes(tarGz({ name: '._x' }, manifest, { name: 'x/notes.txt', body: 'hello' }))
    expect(evidence.target.name).toBe('orders')
  })

  test('a decompression bomb, in the members and behind the end', { timeout: 60_000 }, async () => {
    // Gzip members may be strung together: each of these is 16 kB on disk and 16 MiB unpacked.
    const zeros = gzipSync(Buffer.alloc(2 ** 24))
    const bomb = Array<Buffer>(33).fill(zeros)
    expect(await codeOf(Buffer.concat([tarGz(manifest), ...bomb]))).toBe('bundle-hostile')
    const header = (name: string) => gzipSync(tar({ name, size: 2 ** 27 }).subarray(0, 512))
    const parts = Array.from({ length: 5 }, (_, n) => [header(`x/${n}`), ...bomb.slice(0, 8)]).flat()
    expect(await codeOf(Buffer.concat(parts))).toBe('bundle-hostile')
  })

  test('a folder with a link in the place of a file', async () => {
    await mkdir(path('linked'))
    await writeFile(path('linked/manifest.json'), manifest.body ?? '')
    expect((await readBundle(path('linked'))).target.name).toBe('orders')
    await symlink('/dev/zero', path('linked/signals.csv'))
    expect((await refusal(readBundle(path('linked')))).code).toBe('bundle-hostile')
  })

  test('a folder with a file that is too large', async () => {
    await mkdir(path('large'))
    await writeFile(path('large/manifest.json'), manifest.body ?? '')
    await writeFile(path('large/events.ndjson'), '')
    // Sparse: takes no room.
    await truncate(path('large/events.ndjson'), MAX_FILE_BYTES + 1)
    expect((await refusal(readBundle(path('large')))).code).toBe('bundle-hostile')
  })
})
