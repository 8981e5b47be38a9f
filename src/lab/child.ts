// The process that all of the lab runs in. It ends, with server and files, when it is told to, or when the process
// that started it is gone in whatever way.
import { AppError } from '../model/index.ts'
import type { Command, Report } from './message.ts'
import { type Patient, startPatient } from './patient.ts'

/** For want of a slot: PostgreSQL's too_many_connections, and MySQL's three of them. */
const REFUSED = ['53300', 'ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS', 'ER_USER_LIMIT_REACHED']
const TRAFFIC_EVERY_MS = 500

let starting: Promise<Patient> | undefined
let faulty = false
let refused = false
const stopping = new AbortController()

const say = (report: Report): void => {
  // A parent that is gone wants to know nothing; `disconnect` has told us.
  if (process.connected) process.send?.(report, () => undefined)
}

const execute = async (command: Command): Promise<Extract<Report, { say: 'done' }>['answer']> => {
  switch (command.do) {
    case 'start': {
      starting = startPatient(command.scenario, command.seed, noteFailure, stopping.signal)
      const { url, adminUrl, serverVersion, witness, traffic } = await starting
      setInterval(() => say({ say: 'traffic', services: traffic() }), TRAFFIC_EVERY_MS)
      return { url, adminUrl, serverVersion, witness }
    }
    case 'inject-fault':
      faulty = true
      return (await patient()).injectFault()
    case 'end-fault':
      await (await patient()).endFault()
      return undefined
    case 'carry-out':
      await (await patient()).carryOut(command.order)
      return undefined
    case 'stop':
      return stop()
  }
}

const patient = async (): Promise<Patient> => {
  if (starting === undefined) throw new Error('the lab was not started')
  return starting
}

const noteFailure = (code: string): void => {
  if (!REFUSED.includes(code) || !faulty || refused) return
  refused = true
  say({ say: 'refused', t: Date.now() })
}

const stop = async (): Promise<never> => {
  stopping.abort()
  await starting?.then(
    started => started.stop(),
    () => undefined,
  )
  process.exit()
}

process.on('message', (command: Command) => {
  execute(command).then(
    answer => say({ say: 'done', id: command.id, answer }),
    error => say(failure(command.id, error)),
  )
})

const failure = (id: number, error: unknown): Report => {
  if (error instanceof AppError) {
    return { say: 'failed', id, code: error.code, message: error.message, hint: error.hint }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { say: 'failed', id, code: 'server-not-started', message, hint: 'start the lab again' }
}

process.on('disconnect', stop)
process.on('SIGTERM', stop)
process.on('SIGHUP', stop)
// Ctrl-C reaches every process of a terminal; what it means is for the parent to say.
process.on('SIGINT', () => undefined)
