// The verbs that change a database, as a part of the command line.
import type { Command } from 'commander'
import type { Context } from './context.ts'
import { count, seconds } from './duration.ts'

export type Verb = (context: Context, ...args: never[]) => Promise<number>

/** `calls` makes of a verb's function what commander calls. */
export function changingVerbs(
  root: Command,
  calls: (load: () => Promise<Verb>) => (...args: unknown[]) => Promise<void>,
): void {
  changes(root.command('apply'))
    .description('show what a plan would do; do it only with its hash')
    .argument('<plan>', 'what spillway plan --json wrote')
    .argument('[target]', 'where the database is, where the plan does not say it (rds:) or DATABASE_URL')
    .option('--remedy <n>', 'number of the remedy in the plan', count('--remedy', 1, 1000))
    .option('--execute <hash>', 'do it: the hash that was printed')
    .action(calls(async () => (await import('./verb/apply.ts')).apply))
  changes(root.command('rollback'))
    .description('take back what a run did; without a run, list them')
    .argument('[run]', 'as apply named it')
    .argument('[target]', 'where the database is')
    .action(calls(async () => (await import('./verb/rollback.ts')).rollback))
  logsIn(root.command('export'))
    .description('print a plan for the tool that owns the instance')
    .argument('<plan>', 'what spillway plan --json wrote')
    .option('--remedy <n>', 'number of the remedy in the plan', count('--remedy', 1, 1000))
    .option('--aws-cli', 'as a script of AWS CLI commands')
    .option('--terraform', 'as HCL')
    .option('--cloudformation', 'as YAML')
    .action(calls(async () => (await import('./verb/export.ts')).exportPlan))
}

/** A verb that changes a database. */
const changes = (verb: Command): Command =>
  logsIn(verb)
    .option('--settle <duration>', 'how long to watch afterwards', seconds, 30)
    .option('--unwatched', 'rds: without a connection to the database, by what AWS says alone')
    .option('--json', 'print one JSON object')

/** A verb that connects: whom to trust, and where the login comes from. */
export const logsIn = (verb: Command): Command =>
  verb
    .option('--ssl-ca <file>', 'PEM file of the certificate authorities to trust')
    .option('--iam', 'log in to RDS with a token of IAM')
    .option('--secret <id>', 'log in with a secret of AWS Secrets Manager, by name or ARN')
    .option('--region <name>', 'AWS region, where the host does not tell')
    .option('--profile <name>', 'of the AWS configuration')
