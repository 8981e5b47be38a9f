// A bundle as .tar.gz. It is read as a stream into memory, within limits: nothing is ever unpacked to disk.
import { createReadStream } from 'node:fs'
import { promisify } from 'node:util'
import { createGunzip, gzip } from 'node:zlib'
import { Header, Parser, type ReadEntry } from 'tar'
import { AppError } from '../../model/index.ts'
import { type FileName, type Files, MAX_TOTAL_BYTES } from './files.ts'
import { memberGate } from './member.ts'
import { codeOf, hostile, plain, unreadable } from './refusal.ts'

/** Throws `bundle-unreadable`, `bundle-hostile`. */
export async function readArchive(path: string): Promise<Files> {
  const chunks = new Map<FileName, Buffer[]>()
  const source = createReadStream(path)
  const tar = createGunzip()
  source.on('error', error => tar.destroy(error))
  try {
    await readTar(source.pipe(tar), chunks)
  } catch (error) {
    throw error instanceof AppError ? error : unreadable(plain(path), reasonOf(error), error)
  } finally {
    source.destroy()
    tar.destroy()
  }
  return new Map([...chunks].map(([name, parts]) => [name, Buffer.concat(parts)]))
}

async function readTar(tar: AsyncIterable<Buffer>, chunks: Map<FileName, Buffer[]>): Promise<void> {
  const parser = new Parser({ strict: true, zstd: false })
  let total = 0
  let ended = false
  const gate = memberGate()
  const admit = (entry: ReadEntry) =>
    gate({ name: entry.header.path ?? entry.path, type: entry.type, bytes: entry.size })
  parser.on('entry', (entry: ReadEntry) => {
    const file = admit(entry)
    if (file === undefined) return entry.resume()
    const parts: Buffer[] = []
    chunks.set(file, parts)
    return entry.on('data', part => parts.push(part))
  })
  // Types that the parser does not know, and extended headers beyond its limit.
  parser.on('ignoredEntry', admit)
  parser.on('eof', () => {
    ended = true
  })
  parser.on('error', error => {
    throw error
  })
  for await (const chunk of tar) {
    // The parser would unpack a second layer of gzip by itself, past the count of bytes here.
    if (total === 0 && chunk[0] === 0x1f) throw unreadable('The archive', 'is compressed twice')
    total += chunk.length
    if (total > MAX_TOTAL_BYTES) throw hostile('The archive', `unpacks to more than ${MAX_TOTAL_BYTES} bytes`)
    // What follows the end mark is padding; the parser would pile it up.
    if (!ended) parser.write(chunk)
  }
  parser.end()
  // Cut off between two members, an archive would pass for one that holds less.
  if (!ended) throw unreadable('The archive', 'is cut off: it has no end mark')
}

const REASONS: Record<string, string> = {
  Z_BUF_ERROR: 'is cut off',
  Z_DATA_ERROR: 'is no .tar.gz, or is damaged',
  TAR_BAD_ARCHIVE: 'holds no tar archive, or one that is cut off',
  TAR_ENTRY_INVALID: 'holds no tar archive, or a damaged one',
}

function reasonOf(error: unknown): string {
  const code = codeOf(error)
  return REASONS[code] ?? `cannot be read (${code})`
}

/** Has a folder of its own, so that unpacking by hand strews nothing about. */
const TOP_FOLDER = 'evidence'
const BLOCK_BYTES = 512

/** The archive's bytes: the same for the same files, as no time and no owner goes in. */
export function packArchive(files: Files): Promise<Buffer> {
  const blocks = [...files].flatMap(([name, bytes]) => [
    packHeader(name, bytes.length),
    bytes,
    Buffer.alloc(-bytes.length & (BLOCK_BYTES - 1)),
  ])
  return promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]))
}

function packHeader(name: FileName, size: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES)
  const header = new Header({
    path: `${TOP_FOLDER}/${name}`,
    type: 'File',
    mode: 0o600,
    size,
    uid: 0,
    gid: 0,
  })
  header.encode(block)
  return block
}
