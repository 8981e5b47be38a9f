// Sessions that run statements again and again: a job, a dump, a burst of loading.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Done, Shop, Step } from './step.ts'

export const repeat = async (step: Step<'repeat'>, shop: Shop): Promise<Done> => {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async () => {
    const { engine, address } = shop
    const client = await engine.connect({ ...address, user: step.user, application: step.application })
    const work = async () => {
      while (!signal.aborted) {
        for (const sql of step.statements) await client.query(sql)
        await sleep(step.pauseMs, undefined, { signal })
      }
    }
    void work()
      // Lost with its server, or told to stop.
      .catch(() => undefined)
      .finally(client.end)
  }
  await Promise.all(Array.from({ length: step.sessions }, run))
  return { undo: async () => stopping.abort(), abandon: () => stopping.abort() }
}
