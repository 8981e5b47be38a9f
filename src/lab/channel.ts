// Questions and answers with the child process, each with a deadline; a child that died answers nothing for ever.
import type { ChildProcess } from 'node:child_process'
import { AppError } from '../model/index.ts'
import type { Command, Report } from './message.ts'

export interface Channel {
  /** Throws the child's AppError, or `server-not-started` when it is gone or does not answer within `ms`. */
  ask(command: Order, ms: number): Promise<Answer>
  /** Resolves when the child has ended; by force after `ms`. */
  stop(ms: number): Promise<void>
}

type Answer = Extract<Report, { say: 'done' }>['answer']
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
type Order = WithoutId<Command>

interface Pending {
  resolve(answer: Answer): void
  reject(error: Error): void
}

export const openChannel = (child: ChildProcess, onReport: (report: Report) => void): Channel => {
  const pending = new Map<number, Pending>()
  let lastId = 0
  const exited = new Promise<void>(resolve => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  void exited.then(() => {
    for (const { reject } of pending.values()) reject(gone())
  })

  child.on('message', (report: Report) => {
    if (report.say === 'done') pending.get(report.id)?.resolve(report.answer)
    else if (report.say === 'failed') {
      pending.get(report.id)?.reject(new AppError(report.code, report.message, report.hint))
    } else onReport(report)
  })

  return {
    ask: async (order, ms) => {
      const id = ++lastId
      const timer = setTimeout(() => pending.get(id)?.reject(late(order.do, ms)), ms)
      try {
        return await new Promise<Answer>((resolve, reject) => {
          pending.set(id, { resolve, reject })
          send(child, { ...order, id } as Command, reject)
        })
      } finally {
        clearTimeout(timer)
        pending.delete(id)
      }
    },
    stop: async ms => {
      const timer = setTimeout(() => child.kill('SIGKILL'), ms)
      send(child, { do: 'stop', id: ++lastId }, () => undefined)
      await exited
      clearTimeout(timer)
    },
  }
}

const send = (child: ChildProcess, command: Command, onError: (error: Error) => void): void => {
  if (child.connected) child.send(command, error => error && onError(gone()))
  else onError(gone())
}

const gone = (): AppError =>
  new AppError('server-not-started', 'the process of the lab has ended', 'start the lab again')

const late = (what: string, ms: number): AppError =>
  new AppError('server-not-started', `the lab did not ${what} within ${ms / 1000} s`, 'start the lab again')
