// Does by SQL what is done by SQL, over the held connection of a watch. A session is known by its deed only: asking first
// would take the moment in which it moves on.
import {
  type Actor,
  AppError,
  type Connection,
  type Look,
  type SqlOperation,
  type State,
} from '../model/index.ts'

/** `connection` waits until there is one. */
export function sqlActor(connection: (signal?: AbortSignal) => Promise<Connection>): Actor<SqlOperation> {
  const ended = new Set<string>()
  return {
    async look(operation, signal) {
      const { call, before, after } = operation
      if (call.kind !== 'set') {
        const now = ended.has(call.session.id) ? after : before
        return { now, kept: now }
      }
      const look: Look = { now: {}, kept: {} }
      for (const name of Object.keys(after)) {
        const { now, kept } = await lookAt(await connection(signal), name, operation, signal)
        look.now[name] = now
        look.kept[name] = kept
      }
      return look
    },
    async send(operation, signal) {
      const { call } = operation
      if (call.kind !== 'set') {
        const { status, message } = await (await connection(signal)).act(call, signal)
        if (status === 'refused')
          throw new AppError('step-refused', message, 'Diagnose again: the session has moved on.')
        ended.add(call.session.id)
        return
      }
      const whose = call.whose === undefined ? {} : { whose: call.whose }
      const write: State = { ...operation.after, ...operation.write }
      for (const [name, value] of Object.entries(write))
        await (await connection(signal)).act({ kind: 'set', name, value, ...whose }, signal)
    },
    async waitsFor(operation, signal) {
      if (operation.call.kind !== 'set') return undefined
      const { now } = await this.look(operation, signal)
      const late = Object.entries(operation.after).find(([name, value]) => now[name] !== value)
      return late && `${late[0]} is still ${now[late[0]] ?? 'not set'}`
    },
  }
}

/** Where a restart has to come first, what it will find counts. */
async function lookAt(
  connection: Connection,
  name: string,
  { call, before, after, write }: SqlOperation,
  signal: AbortSignal | undefined,
): Promise<{ now: string | null; kept: string | null }> {
  const whose = call.kind === 'set' ? call.whose : undefined
  const { value, kept, needsRestart, isSame } = await connection.setting(name, whose, signal)
  const is = needsRestart && kept !== null ? kept : value
  // Taken back: what is kept is what was kept before, and the value of before comes with the next restart.
  const isBack = needsRestart && write?.[name] !== undefined && isSame(kept, write[name])
  if (isBack) return { now: after[name] ?? null, kept }
  const spelled = [after[name], before[name]].find(one => one !== undefined && isSame(one, is))
  return { now: spelled === undefined ? is : spelled, kept }
}
