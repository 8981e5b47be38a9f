// spillway blocking: the blocking trees, head first.
import type { EngineOptions } from '../../../app.ts'
import { EXIT, type SessionSample } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { holding, noteHidden } from '../holding.ts'
import { json } from '../json.ts'
import { wrap } from '../paint.ts'
import { visibleIn } from '../visible.ts'
import { duration } from '../words.ts'

/** Deeper and longer trees are cut, and say so. */
const MOST_LINES = 200

export async function blocking(
  context: Context,
  target: string | undefined,
  options: EngineOptions & { json?: boolean },
): Promise<number> {
  const { print } = context
  return holding(context, target, options, async (connection, engine) => {
    const app = await context.app()
    noteHidden(context, connection)
    const { sessions } = visibleIn(await connection.sample(context.signal))
    const { heads, placeOf } = app.blocking({ t: 0, signals: {}, sessions })
    if (options.json) {
      const edges = Object.fromEntries([...placeOf].map(([waiter, { parent }]) => [waiter, parent]))
      print(json({ schema: 'spillway/blocking/v1', target: connection.facts.target, heads, waitsFor: edges }))
      return EXIT.fine
    }
    if (heads.length === 0) {
      print(
        `${engine.target.name}: ${connection.facts.seesAll ? 'nobody waits for a lock' : 'nobody that this role may see waits for a lock'}`,
      )
      return EXIT.fine
    }
    const byId = new Map(sessions.map(session => [session.id, session]))
    const children = (id: string) =>
      [...placeOf].flatMap(([waiter, { parent }]) => (parent === id ? waiter : []))
    const lines: string[] = []
    const draw = (id: string, indent: string, last: boolean, root: boolean) => {
      if (lines.length > MOST_LINES) return
      lines.push(
        `${indent}${root ? '' : last ? '└─ ' : '├─ '}${describe(context, byId.get(id) ?? { id, state: 'unknown' })}`,
      )
      const below = children(id)
      below.forEach((child, i) => {
        draw(child, indent + (root ? '' : last ? '   ' : '│  '), i === below.length - 1, false)
      })
    }
    for (const head of heads) {
      lines.push(`${head.blocked} waiting behind session ${head.session.id}`)
      draw(head.session.id, '', true, true)
    }
    for (const line of lines.slice(0, MOST_LINES)) print(line)
    if (lines.length > MOST_LINES) print(`… more than ${MOST_LINES} lines: see --json`)
    return EXIT.fine
  })
}

function describe({ paint: p, columns }: Context, session: SessionSample): string {
  const who = [session.application, session.user].filter(Boolean).join('/')
  const since = session.stateAgeMs === undefined ? '' : ` ${duration(session.stateAgeMs)}`
  const state = session.waitEvent && session.state === 'active' ? `waits ${session.waitEvent}` : session.state
  const object = session.lock?.object ? ` on ${session.lock.object}` : ''
  const statement = session.statement ? p.dim(`  ${wrap(session.statement, columns, 0).split('\n')[0]}`) : ''
  return `${p.bold(session.id)} ${who}  ${state}${since}${object}${statement}`
}
