// The command line as data: verbs, their arguments and options. A verb's code is loaded when it is called.
import { Command, Option } from 'commander'
import { addresses } from './address.ts'
import { changingVerbs, logsIn, type Verb } from './change.ts'
import type { Context } from './context.ts'
import { count, list, number, seconds } from './duration.ts'

/** `finish` is told the exit code of the verb that was called. */
export function program(version: string, context: Context, finish: (code: number) => void): Command {
  const root = new Command('spillway')
    .description('Tells why database connections fail when average active sessions are high, and mends it.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', EXAMPLES)
    .showSuggestionAfterError()

  /** Calls a verb's function with its arguments and options, without the command that commander appends. */
  const calls =
    (load: () => Promise<Verb>) =>
    async (...args: unknown[]) => {
      const verb = await load()
      finish(await verb(context, ...(args.slice(0, -1) as never[])))
    }
  const onTarget = (name: string, what: string) =>
    logsIn(
      root
        .command(name)
        .description(what)
        .argument(
          '[target]',
          'postgres:// or mysql:// URI, key=value pairs, rds:ID[@region], or nothing for DATABASE_URL and PG*',
        )
        .option('--json', 'print one JSON object'),
    )

  demoOf(root).action(calls(async () => (await import('./verb/demo.ts')).demo))
  asksCloud(watches(onTarget('diagnose', 'tell what fails, why, and what to do'), 15))
    .option('--from <bundle>', 'diagnose a recorded evidence bundle instead of a live database')
    .option('--html <file>', 'write the report as well, one page that needs nothing else')
    .action(calls(async () => (await import('./verb/diagnose.ts')).diagnose))
  asksWhatIf(
    asksCloud(watches(onTarget('plan', 'weigh what to do by what it would really change'), 15)),
  ).action(calls(async () => (await import('./verb/plan.ts')).plan))
  onTarget('probe', 'make real connection attempts, timed by phase')
    .option('--count <n>', 'attempts, one a second', count('--count', 1, 3600), 1)
    .option('--from <address>', 'address of this machine to connect from; may be given again', addresses)
    .action(calls(async () => (await import('./verb/probe.ts')).probe))
  onTarget('doctor', 'check grants, TLS and settings, with the command that mends each').action(
    calls(async () => (await import('./verb/doctor.ts')).doctor),
  )
  onTarget('slots', 'show who holds the connection slots').action(
    calls(async () => (await import('./verb/slots.ts')).slots),
  )
  onTarget('blocking', 'show the blocking trees').action(
    calls(async () => (await import('./verb/blocking.ts')).blocking),
  )
  onTarget('statements', 'show which statements the load goes to')
    .option('--for <duration>', 'how long to watch', seconds, 11)
    .action(calls(async () => (await import('./verb/statements.ts')).statements))
  onTarget('grants', 'print the least role that Spillway needs, as commands')
    .option('--role <name>', 'its name', 'spillway')
    .action(calls(async () => (await import('./verb/grants.ts')).grants))
  watches(logsIn(root.command('record')), 60)
    .description('write an evidence bundle to keep, send or replay')
    .argument('<target>', 'the database')
    .argument('<file>', 'a new folder, or a file that ends in .tar.gz')
    .action(calls(async () => (await import('./verb/record.ts')).record))
  targetsOf(root).action(calls(async () => (await import('./verb/targets.ts')).targets))
  iamPolicyOf(root).action(calls(async () => (await import('./verb/iam-policy.ts')).iamPolicy))
  changingVerbs(root, calls)
  labOf(root, calls)
  explainErrorOf(root).action(calls(async () => (await import('./verb/explain-error.ts')).explainError))
  return root
}

/** A verb that watches for a while, and may be told who else to hear. */
const watches = (verb: Command, forSeconds: number): Command =>
  verb
    .option('--for <duration>', 'how long to watch', seconds, forSeconds)
    .option('--log <path>', 'log of the server, a file or the folder of them: failures of other clients')
    .option('--log-prefix <text>', 'log_line_prefix of the server, where it is not found out')
    .option(
      '--probe-from <address>',
      'address of this machine to connect from, in turn if given again',
      addresses,
    )
    .option(
      '--application-log <[name=]file>',
      'log of an application: what its driver and its pool say; may be given again',
      (file: string, before: string[] = []) => [...before, file],
    )
    .option('--pgbouncer-log <file>', "PgBouncer's own log: clients it refused")
    .option('--pgbouncer <target>', "PgBouncer's admin console: postgres://user@host:6432/pgbouncer")
    .option('--vcpus <n>', 'vCPUs of the server, where Spillway cannot see them', count('--vcpus', 1, 1024))

/** What goes with an rds: target. */
const asksCloud = (verb: Command): Command =>
  verb
    .option('--since <time>', 'rds: from when: 14:00, 2h (ago), 2026-01-31T14:00Z (default: an hour ago)')
    .option('--until <time>', 'rds: until when (default: now)')
    .option('--period <length>', 'rds: 1s, 1m, 5m or 1h a tick, where AWS still has it')
    .option('--role-arn <arn>', 'rds: role to assume with it')
    .option('--live', 'rds: watch the database itself as well, as --iam and --secret do')
    .option('--client <address>', 'rds: whether this address or security group may reach the port')

/** What a plan answers besides. */
const asksWhatIf = (verb: Command): Command =>
  verb
    .option('--from <bundle>', 'plan from a recorded evidence bundle instead of a live database')
    .option('--what-if <settings>', 'what would come of class=db.r6g.2xlarge,max_connections=800,pool.web=6')
    .option(
      '--set <name=value>',
      'rds: by hand: class=, storage=, ceiling=, iops=, any parameter; may be given again',
      (one: string, before: string[] = []) => [...before, one],
    )
    .option('--load <factor>', 'what comes of so many times the requests (1.5, x1.5), and when it breaks')

const targetsOf = (root: Command): Command =>
  root
    .command('targets')
    .description('list the RDS databases of a region, as targets')
    .option(
      '--tag <key=value>',
      'only those with this tag; may be given again',
      (tag, all: string[] = []) => [...all, tag],
    )
    .option('--region <name>', 'AWS region')
    .option('--profile <name>', 'of the AWS configuration')
    .option('--role-arn <arn>', 'role to assume with it')
    .option('--json', 'print one JSON array')

const demoOf = (root: Command): Command =>
  root
    .command('demo')
    .description('break a real PostgreSQL, see why, mend it, prove it')
    .option(
      '--scenario <name>',
      'what to break: idle-in-transaction, healthy, … (see demo --list)',
      'idle-in-transaction',
    )
    .option('--list', 'list the scenarios')
    .option('--out <folder>', 'where the report goes (default: a new folder under the temporary directory)')
    .option('--seed <n>', 'of the workload', count('--seed', 0, 2 ** 31 - 1), 1)
    .option('--json', 'print the result as one JSON object')
    .option('--plain', 'a line for each sample instead of one that is rewritten')

const iamPolicyOf = (root: Command): Command =>
  root
    .command('iam-policy')
    .description('print the least IAM policy for what Spillway asks AWS')
    .option('--read', 'for a diagnosis (default)')
    .option('--login', 'for --iam and --secret')
    .option('--apply', 'for changes, beside what --read permits')

const CURE =
  'carry the remedy out as well, and measure it: the advised one, a code such as pooler, or harms: the useless one'

/** Verbs of a verb. */
const labOf = (
  root: Command,
  calls: (load: () => Promise<Verb>) => (...args: unknown[]) => Promise<void>,
) => {
  const lab = root.command('lab').description('incidents with a known cause, on real servers')
  const engines = 'postgres, mysql or mariadb'
  lab
    .command('list')
    .description('list the scenarios')
    .option('--engine <name>', engines)
    .option('--json', 'print one JSON object')
    .action(calls(async () => (await import('./verb/lab.ts')).labList))
  lab
    .command('run')
    .description('break a throw-away server and see whether the diagnosis finds out why')
    .argument('<name>', 'of the scenario')
    .option('--engine <name>', engines, 'postgres')
    .option('--seed <n>', 'of the workload', count('--seed', 0, 2 ** 31 - 1), 1)
    .option(
      '--intensity <x>',
      'how hard the fault hits, 1 as it is written',
      number('--intensity', 0.1, 10),
      1,
    )
    .option('--cure [which]', CURE)
    .option('--calm <duration>', "how long before the fault, instead of the scenario's own", seconds)
    .option('--fault <duration>', 'how long the fault goes on, likewise', seconds)
    .option('--out <folder>', 'keep the evidence, and apart from it the truth')
    .option('--json', 'print one JSON object')
    .action(calls(async () => (await import('./verb/lab.ts')).labRun))
  lab
    .command('score')
    .description('score the diagnosis on many scenarios')
    .option('--scenario <names>', 'some of them, with commas between')
    .option('--engine <names>', 'some of them, with commas between')
    .option('--seeds <list>', 'of the workload', list(count('--seeds', 0, 2 ** 31 - 1)), [1])
    .option('--intensities <list>', 'of the fault', list(number('--intensities', 0.1, 10)), [1])
    .option('--cure [which]', CURE)
    .addOption(
      new Option('--from <folder>', 'judge again what was kept, and run nothing').conflicts([
        ...['scenario', 'engine', 'seeds', 'intensities', 'cure', 'out'],
      ]),
    )
    .option('--out <folder>', 'where the recordings go (default: a new folder under the temporary directory)')
    .option('--view <name>', 'live, or cloud: once more by what AWS would have shown without a login', 'live')
    .option('--page <file>', 'write the score as a page of Markdown')
    .option('--json', 'print one JSON object instead of the page')
    .action(calls(async () => (await import('./verb/lab.ts')).labScore))
}

const explainErrorOf = (root: Command): Command =>
  root
    .command('explain-error')
    .description('tell what an error text or code proves, and what it does not; asks no database')
    .argument('<text...>', 'a code, a message, a log line or a stack; - reads stdin')
    .option('--json', 'print one JSON object')

const EXAMPLES = `
Examples:
  spillway demo                                      see the whole chain on a throw-away PostgreSQL
  spillway diagnose postgres://me@db.example/orders  why do connections fail, right now?
  spillway doctor "host=db.example user=me"          what does Spillway still need?
  spillway record postgres://me@db.example/orders incident.tar.gz --for 2m
  spillway diagnose --from incident.tar.gz
  spillway plan --from incident.tar.gz --what-if max_connections=800,pool.web=6 --load x1.5

Exit codes: 0 fine, 1 failed, 3 database unreachable (the diagnosis is printed all the same),
4 credentials or permission, 5 taken back, 6 taken back in part, 64 usage, 65 unreadable bundle, 130 interrupted.`
