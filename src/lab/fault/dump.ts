// The dump programs of the engines themselves, run again and again as a careless schedule would; over a line of a megabyte or
// so a second where they lock.
import { type ChildProcess, spawn } from 'node:child_process'
import type { Done, Shop, Step } from './step.ts'

/** What has come meanwhile is taken, which is no more than a pipe and a buffer hold. */
const LINE_MS = 50

export const dump = async ({ user, locks }: Step<'dump'>, { engine, server }: Shop): Promise<Done> => {
  const running = new Set<ChildProcess>()
  let ended = false
  const run = (command: string[]) => {
    if (ended) return
    const [program, ...args] = command
    const child = spawn(program!, args, { cwd: '/', stdio: ['ignore', locks ? 'pipe' : 'ignore', 'ignore'] })
    const line = setInterval(() => child.stdout?.read(), LINE_MS)
    running.add(child)
    child.once('error', () => running.delete(child))
    child.once('close', code => {
      clearInterval(line)
      running.delete(child)
      // What cannot be done is not tried without end.
      if (code === 0) run(command)
    })
  }
  for (const command of engine.dumps(server, user, locks === true)) run(command)
  const end = () => {
    ended = true
    for (const child of running) child.kill('SIGKILL')
  }
  return { undo: async () => end(), abandon: end }
}
