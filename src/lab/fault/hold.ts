// One session that holds something, idle or busy.
import type { Done, Shop, Step } from './step.ts'

export const hold = async (step: Step<'hold'>, shop: Shop): Promise<Done> => {
  const { engine, server, address } = shop
  const client = await engine.connect({ ...address, user: step.user, application: step.application })
  const awaited = step.stays === 'active' ? step.statements.slice(0, -1) : step.statements
  for (const sql of awaited) await client.query(sql)
  if (step.stays === 'active') client.query(step.statements.at(-1) as string).catch(() => undefined)
  const { id } = client
  return {
    session: id,
    // It is there to be ended, and may have been.
    undo: () => engine.asAdmin(server, admin => admin.query(engine.endSession(id)).then(ignore, ignore)),
  }
}

const ignore = (): void => undefined
