// What the tests of the command line share: what a refusal looks like, a folder, and peers that are no database.
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import type { Ended } from '../kit/spillway.ts'

/** The only password in these tests. */
export const SECRET = 'hunter2-is-secret'

/** One line that says what, one that says what to do, nothing after it, no stack, no secret. */
export function expectRefusal(ended: Ended, code: number, what?: RegExp): void {
  const { stdout, stderr } = ended
  expect({ code: ended.code, stderr }).toEqual({ code, stderr })
  const lines = stderr.trimEnd().split('\n')
  expect(
    lines.filter(line => line.startsWith('error: ')),
    stderr,
  ).toHaveLength(1)
  expect(lines.at(-2), stderr).toMatch(/^error: \S/)
  expect(lines.at(-1), stderr).toMatch(/^hint: +\S/)
  if (what) expect(lines.at(-2)).toMatch(what)
  expectClean(stdout + stderr)
}

/** No stack trace, no mistake of Spillway's own, no password, no control character but the end of a line. */
export function expectClean(text: string): void {
  expect(text).not.toMatch(/^ +at /m)
  expect(text).not.toContain('unexpected: ')
  expect(text).not.toContain(SECRET)
  expect(text).not.toMatch(/[^\P{Cc}\n]/u)
}

/** The one object that stands on stdout, and nothing else. */
export function parsed(text: string): Record<string, unknown> {
  expect(text).toMatch(/^\{.*\}\n$/)
  return JSON.parse(text) as Record<string, unknown>
}

/** A temporary folder for the tests of one file; call the result for a path in it that no other call has given. */
export function freshPaths(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  let n = 0
  return name => join(folder, `${n++}-${name}`)
}

export interface Peer {
  port: number
  /** Resolves at the first connection. */
  called: Promise<unknown>
  close(): Promise<void>
}

/** Accepts and never answers. */
export const silentPeer = (): Promise<Peer> => listen(createServer())

export const httpPeer = (): Promise<Peer> => listen(createHttp())

/** Nobody listens there: the port was free a moment ago. */
export async function deadPeer(): Promise<Peer> {
  const peer = await listen(createServer())
  await peer.close()
  return { ...peer, close: async () => undefined }
}

async function listen(server: Server): Promise<Peer> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    called: once(server, 'connection'),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
