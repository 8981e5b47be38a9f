// The throw-away server cleans up behind itself, even when the process that started it is killed.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { AppError } from '../../src/model/index.ts'
import { AVAILABLE, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describeWith('PostgreSQL', AVAILABLE.size > 0, () => {
  test('stop leaves no process and no folder', async () => {
    const server = await startPostgres()
    expect(alive(server.pid)).toBe(true)
    await server.stop()
    expect(alive(server.pid)).toBe(false)
    expect(existsSync(dirname(server.dataDir))).toBe(false)
  })

  test('a setting the server refuses is said in one line, and nothing is left', async () => {
    const start = startPostgres({ settings: { max_connections: 'many' } })
    const error = await start.catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(AppError)
    expect((error as AppError).code).toBe('server-not-started')
    expect((error as AppError).message).not.toContain('\n')
  })

  test('an abort while it starts', async () => {
    const abort = new AbortController()
    const start = startPostgres({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await expect(start).rejects.toThrow('enough')
  })
})

test('a version that is not here', async () => {
  await expect(startPostgres({ major: 9 })).rejects.toMatchObject({ code: 'binaries-missing' })
})
