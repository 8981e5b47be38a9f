// What the bundle tests share: a folder that is removed, a refusal that is one line, a tar writer that obeys nobody.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect } from 'vitest'
import { AppError } from '../../src/model/index.ts'

/** A temporary folder for the tests of one file; call the result for a path in it. */
export function temporaryFolder(): (name: string) => string {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spillway-bundle-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return name => join(folder, name)
}

/** The AppError that the work ends with; anything else fails the test. */
export async function refusal(work: Promise<unknown>): Promise<AppError> {
  const outcome = await work.then(
    () => 'nothing was refused',
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(AppError)
  const error = outcome as AppError
  expect(error.message).toMatch(/^\P{Cc}{1,500}$/u)
  expect(error.hint).toMatch(/^\P{Cc}{1,300}$/u)
  return error
}

export interface Member {
  name: string
  body?: string | Buffer
  /** The type flag of the header: `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder, `x` extended. */
  type?: string
  link?: string
  /** What the header claims, where that differs from the body. */
  size?: number
}

/** Archives with whatever members they are told, headers by hand (POSIX.1-1988 ustar). */
export const tar = (...members: Member[]): Buffer =>
  Buffer.concat([...members.map(packMember), Buffer.alloc(1024)])

export const tarGz = (...members: Member[]): Buffer => gzipSync(tar(...members))

function packMember({ name, body = '', type = '0', link = '', size }: Member): Buffer {
  const content = Buffer.from(body)
  const header = Buffer.alloc(512)
  header.write(name, 0, 100, 'utf8')
  header.write('0000644\0', 100)
  header.write(`${(size ?? content.length).toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(link, 157, 100)
  header.write('ustar\x0000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc(-content.length & 511)])
}
