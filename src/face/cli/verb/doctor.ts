// spillway doctor: what Spillway finds on this server, and the command that mends what is missing.
import type { EngineOptions } from '../../../app.ts'
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { holding } from '../holding.ts'
import { json } from '../json.ts'
import { wrap } from '../paint.ts'

export async function doctor(
  context: Context,
  target: string | undefined,
  options: EngineOptions & { json?: boolean },
): Promise<number> {
  const { print, paint: p, columns } = context
  return holding(context, target, options, async (connection, engine) => {
    const app = await context.app()
    const checks = [
      ...(await connection.examine(context.signal)),
      ...(app.isCloud(target) ? await app.checkup(target, options, context.signal) : []),
    ]
    if (options.json) {
      print(json({ schema: 'spillway/doctor/v1', target: connection.facts.target, checks }))
      return EXIT.fine
    }
    print(p.bold(engine.target.name))
    const width = Math.max(...checks.map(check => check.name.length)) + 2
    for (const { ok, name, finding, fix } of checks) {
      print(`${ok ? p.green('✓') : p.yellow('!')} ${name.padEnd(width)}${wrap(finding, columns, width + 2)}`)
      for (const command of fix?.split('\n') ?? []) print(`${' '.repeat(width + 2)}${p.cyan(command)}`)
    }
    return EXIT.fine
  })
}
