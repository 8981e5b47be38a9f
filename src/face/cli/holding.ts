// One held connection for the length of a verb.
import type { EngineOptions } from '../../app.ts'
import type { Connection, Engine } from '../../model/index.ts'
import type { Context } from './context.ts'

export async function holding(
  context: Context,
  target: string | undefined,
  options: EngineOptions,
  use: (connection: Connection, engine: Engine) => Promise<number>,
): Promise<number> {
  const app = await context.app()
  const engine = await app.engine(target, options)
  const connection = await engine.connect(context.signal)
  try {
    return await use(connection, engine)
  } finally {
    await connection.close()
  }
}

/** Says that this role sees less than there is: what it does not see must not pass for calm. */
export function noteHidden({ tell, paint: p }: Context, { facts }: Connection): void {
  if (facts.seesAll) return
  tell(
    `${p.yellow('note:')}  state, load and waits of other roles' sessions are hidden without pg_monitor; ` +
      `GRANT pg_monitor TO ${facts.target.user ?? 'this role'} shows them`,
  )
}
