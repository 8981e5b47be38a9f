// A service without a pool: every request opens a connection of its own and closes it.
import type { Client, LabEngine, Login, Pool } from './engine.ts'

export const openUnpooled = (engine: LabEngine, login: Login): Pool => {
  const open = new Set<Client>()
  let ended = false
  return {
    acquire: async () => {
      const client = await engine.connect(login)
      open.add(client)
      return client
    },
    release: client => {
      open.delete(client)
      void client.end()
    },
    state: () => ({ total: open.size, idle: 0, waiting: 0 }),
    get ended() {
      return ended
    },
    end: async () => {
      ended = true
      await Promise.all([...open].map(client => client.end()))
    },
  }
}
