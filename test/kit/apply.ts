// Applying by SQL as a process of its own: ended by force at an exact place, begun again, taken back.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Applied, Operation } from '../../src/model/index.ts'

const CHILD = fileURLToPath(new URL('apply-child.mjs', import.meta.url))

type Result = Applied & { code?: string; message?: string; appended: number }

export interface Applying {
  /** The state folder. */
  folder: string
  /** Undefined: it was killed. `where`: `before:N` or `after:N` entries of the journal. */
  run(where?: string, verb?: 'execute' | 'rollback'): Promise<Result | undefined>
  remove(): void
}

export function applyingTo(engine: 'postgres' | 'mysql', uri: string, operations: Operation[]): Applying {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-apply-'))
  return {
    folder,
    run: (where = 'never', verb = 'execute') =>
      new Promise((resolve, reject) => {
        const args = [CHILD, engine, uri, folder, JSON.stringify(operations), where, verb]
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 })
        let [out, err] = ['', '']
        child.stdout.on('data', chunk => {
          out += chunk
        })
        child.stderr.on('data', chunk => {
          err += chunk
        })
        child.once('close', (code, signal) => {
          if (signal === 'SIGKILL' && where !== 'never') resolve(undefined)
          else if (out === '') reject(new Error(`${code} ${signal}: ${err}`))
          else resolve(JSON.parse(out) as Result)
        })
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
