// spillway slots: the ledger of the connection slots, by who holds them.
import Table from 'cli-table3'
import type { EngineOptions } from '../../../app.ts'
import { EXIT, usableSlots } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { holding, noteHidden } from '../holding.ts'
import { json } from '../json.ts'
import { visibleIn } from '../visible.ts'

export async function slots(
  context: Context,
  target: string | undefined,
  options: EngineOptions & { json?: boolean },
): Promise<number> {
  const { paint: p, print } = context
  return holding(context, target, options, async (connection, engine) => {
    const app = await context.app()
    noteHidden(context, connection)
    const { limits, ...sample } = visibleIn(await connection.sample(context.signal))
    const { used, byState, holders } = app.ledger({ t: 0, ...sample })
    const usable = usableSlots(limits)
    if (options.json) {
      print(
        json({
          schema: 'spillway/slots/v1',
          target: connection.facts.target,
          limits,
          usable,
          used,
          byState,
          holders,
        }),
      )
      return EXIT.fine
    }
    const line = `${used} of ${usable} usable slots in use (${limits.maxConnections} in all)`
    print(`${p.bold(engine.target.name)}  ${used >= usable ? p.red(line) : line}`)
    print(
      Object.entries(byState)
        .map(([state, n]) => `${state} ${n}`)
        .join('  '),
    )
    const table = new Table({
      head: ['application', 'user', 'host', 'slots', 'active', 'waiting', 'idle in tx', 'idle'],
      style: { head: [], border: [], compact: true },
      colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right'],
    })
    for (const h of holders) {
      table.push([h.application, h.user, h.host, h.slots, h.active, h.waiting, h.idleInTransaction, h.idle])
    }
    if (holders.length > 0) print(table.toString())
    for (const [name, limit] of Object.entries(limits.roleLimits ?? {})) print(`limit of ${name}: ${limit}`)
    return EXIT.fine
  })
}
