// The door of the command line: runs one verb, turns what goes wrong into one line, a hint and an exit code.
import { type Command, CommanderError } from 'commander'
import type { App } from '../../app.ts'
import { AppError, EXIT } from '../../model/index.ts'
import { conceal } from './conceal.ts'
import type { Context } from './context.ts'
import { paint } from './paint.ts'
import { program } from './program.ts'

export interface Start {
  version: string
  app(): Promise<App>
}

/** Returns the exit code; never throws. */
export async function run(argv: string[], { version, app }: Start): Promise<number> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  // A reader that has seen enough (head, less) closes the pipe: nothing is wrong then.
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(EXIT.fine)
  })
  const context = makeContext(app, stop.signal)
  let code: number = EXIT.fine
  const root = program(version, context, result => {
    code = result
  })
  for (const command of everyCommand(root)) {
    // What is wrong with the words is said by report(), like everything else that is wrong.
    command.exitOverride().configureOutput({ outputError: () => undefined })
  }
  try {
    await root.parseAsync(argv)
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.fine
      return error.code === 'commander.help' ? EXIT.usage : report(misused(error), context)
    }
    if (stop.signal.aborted) return EXIT.interrupted
    return report(error, context)
  }
}

const everyCommand = (command: Command): Command[] => [command, ...command.commands.flatMap(everyCommand)]

/** Commander's `error: what is wrong` and, sometimes, a second line `(Did you mean …?)`. */
function misused({ message }: CommanderError): AppError {
  const [what = '', guess] = message.replace(/^error: /, '').split('\n')
  const hint =
    guess?.replace(/^\(|\)$/g, '') ?? 'spillway --help lists the verbs, spillway VERB --help the options'
  return new AppError('option-invalid', what, hint)
}

function report(error: unknown, { tell, paint: p }: Context): number {
  if (error instanceof AppError) {
    tell(`${p.red('error:')} ${conceal(error.message)}`)
    if (error.hint) tell(`${p.dim('hint:')}  ${error.hint}`)
    return error.exit
  }
  const message = error instanceof Error ? error.message : String(error)
  tell(`${p.red('error:')} unexpected: ${conceal(message)}`)
  tell(`${p.dim('hint:')}  this is a mistake in Spillway; SPILLWAY_DEBUG=1 shows where`)
  if (process.env.SPILLWAY_DEBUG && error instanceof Error) tell(error.stack ?? '')
  return EXIT.failed
}

function makeContext(app: Start['app'], signal: AbortSignal): Context {
  const { env, stdout, stderr } = process
  const coloured = Boolean(stdout.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb'
  let loaded: Promise<App> | undefined
  return {
    app: () => {
      loaded ??= app()
      return loaded
    },
    print: text => void stdout.write(`${text}\n`),
    tell: text => void stderr.write(`${text}\n`),
    write: { out: text => void stdout.write(text), err: text => void stderr.write(text) },
    paint: paint(coloured),
    columns: Math.min(stdout.columns ?? 100, 120),
    live: Boolean(stdout.isTTY) && env.TERM !== 'dumb',
    signal,
  }
}
