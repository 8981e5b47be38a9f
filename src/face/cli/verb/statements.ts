// spillway statements: which statements the load goes to, by the server's counts or by samples.
import Table from 'cli-table3'
import type { EngineOptions } from '../../../app.ts'
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'
import { visibleIn } from '../visible.ts'
import { watchFor } from '../watching.ts'
import { short } from '../words.ts'

const MOST_LINES = 20
/** Columns that the numbers take. */
const NUMBERS = 48
const SHORTEST_TEXT = 20

export async function statements(
  context: Context,
  target: string | undefined,
  options: EngineOptions & { for: number; json?: boolean },
): Promise<number> {
  const { print, paint: p, columns } = context
  const app = await context.app()
  const engine = await app.engine(target, options)
  const { evidence, problem } = await watchFor(context, engine, options.for, { quiet: options.json ?? false })
  if (problem) throw problem
  const loads = visibleIn(app.statements(evidence))
  if (options.json) {
    print(json({ schema: 'spillway/statements/v1', target: evidence.target, ...loads }))
    return EXIT.fine
  }
  const how = loads.source === 'counts' ? "by the server's counts" : 'by samples: the server does not count'
  print(`${p.bold(engine.target.name)}  ${Math.round(loads.seconds)} s, ${how}`)
  const table = new Table({
    head: ['AAS', 'share', 'calls/s', 'ms/call', 'rows/call', 'statement'],
    style: { head: [], border: [], compact: true },
    colAligns: ['right', 'right', 'right', 'right', 'right', 'left'],
  })
  for (const one of loads.statements.slice(0, MOST_LINES)) {
    const text = one.statement ?? `id ${one.statementId}`
    const room = Math.max(SHORTEST_TEXT, columns - NUMBERS)
    table.push([
      number(one.aas),
      `${(100 * one.share).toFixed(0)} %`,
      number(one.callsPerS),
      number(one.msPerCall),
      number(one.rowsPerCall),
      text.length > room ? `${text.slice(0, room - 1)}…` : text,
    ])
  }
  print(loads.statements.length > 0 ? table.toString() : 'no statement was seen')
  return EXIT.fine
}

/** What is small keeps three decimals: a call may take microseconds. */
const number = (value: number | undefined): string => {
  if (value === undefined) return ''
  return value > 0 && value < 1 ? value.toFixed(3) : short(value)
}
