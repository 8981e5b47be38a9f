// Who waits in the pooler's queues, grouped: a row a client is nobody's reading.
import type { Row } from './pool.ts'

const MOST_GROUPS = 3

/** `12 of web from 10.0.0.5 (database orders, application api)`, largest first. */
export const queueOf = (clients: readonly Row[]): string[] => {
  const counts = new Map<string, number>()
  for (const row of clients) {
    if (row.state !== 'waiting') continue
    const application = name(row.application_name)
    const who = `${name(row.user)} from ${name(row.addr)} (database ${name(row.database)}${application === '' ? '' : `, application ${application}`})`
    counts.set(who, (counts.get(who) ?? 0) + 1)
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_GROUPS)
    .map(([who, count]) => `${count} clients of ${who} wait for a server connection`)
}

const name = (value: unknown): string =>
  String(value ?? '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�')
    .slice(0, 64)
