// spillway grants: the least role that Spillway needs on this server, as commands to run there.
import type { EngineOptions } from '../../../app.ts'
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { holding } from '../holding.ts'
import { json } from '../json.ts'

export async function grants(
  context: Context,
  target: string | undefined,
  options: EngineOptions & { role: string; json?: boolean },
): Promise<number> {
  return holding(context, target, options, async connection => {
    const commands = connection.grants(options.role)
    const { target } = connection.facts
    if (options.json)
      context.print(json({ schema: 'spillway/grants/v1', target, role: options.role, commands }))
    else context.print(commands.join('\n'))
    return EXIT.fine
  })
}
