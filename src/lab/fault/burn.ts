// Other processes of the machine that take its CPU, for a bounded time.
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import type { Done, Step } from './step.ts'

/** Before the server, and behind everything else that this machine has to do. */
const NICENESS = 5
/** They end by themselves even when nobody is left to end them. */
const LONGEST_S = 120
const SCRIPT = `const end = Date.now() + ${LONGEST_S * 1000}; while (Date.now() < end) Math.sqrt(Math.random())`

export const burn = async ({ processes }: Step<'burn'>): Promise<Done> => {
  const burners = Array.from({ length: processes }, () =>
    spawn(process.execPath, ['-e', SCRIPT], { stdio: 'ignore' }),
  )
  for (const { pid } of burners) if (pid !== undefined) setPriority(pid, NICENESS)
  const end = () => {
    for (const burner of burners) burner.kill('SIGKILL')
  }
  return { undo: async () => end(), abandon: end }
}
