// Every way to prefix the lines of the log, as a real server writes it: given, or found out.
import { readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LogParser } from '../../src/engine/postgres/log/parser.ts'
import type { LogRecord } from '../../src/log/index.ts'
import { AVAILABLE, clientOf, type PostgresServer, startPostgres } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'

const WHO = { user: 'a b@c:d', database: 'no where', host: '127.0.0.1' }

for (const major of [15, 18]) {
  describeWith(`PostgreSQL ${major} log_line_prefix`, AVAILABLE.has(major), () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres({ major })
    })
    afterAll(() => server?.stop())

    test.each([
      ['%m [%p] ', {}],
      ['%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ', WHO],
      ['%m [%p] %q%u@%d ', { user: 'a b@c:d', database: 'no where' }],
      ['%t:%r:%u@%d:[%p]:', WHO],
      ['%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a', { ...WHO, code: '3D000' }],
      ['%t-%c-', {}],
      ['%m [%p]: [%l-1] db=%d,user=%u ', { user: 'a b@c:d', database: 'no where' }],
      ['<%n> %5p|%-20u|%i|%e ', { user: 'a b@c:d', code: '3D000' }, true],
      ['', {}, true],
    ] as [string, object, boolean?][])('%j', async (prefix, who, given = false) => {
      const admin = await clientOf(server.superuserUrl())
      await admin.query(`alter system set log_line_prefix = '${prefix}'`)
      await admin.query('select pg_reload_conf()')
      while ((await admin.query('show log_line_prefix')).rows[0].log_line_prefix !== prefix);
      const from = statSync(server.logFile).size
      await admin.query(`create role "a b@c:d" login`).catch(() => undefined)
      await expect(
        clientOf(`postgres://${encodeURIComponent('a b@c:d')}@127.0.0.1:${server.port}/no%20where`, 'shop'),
      ).rejects.toThrow()
      await admin.end()
      const parser = new LogParser(given ? { prefix } : {})
      const records = parser.push(readFileSync(server.logFile).subarray(from), 1)
      const failures = records.filter((one): one is LogRecord & { kind: 'failure' } => one.kind === 'failure')
      expect(failures).toHaveLength(1)
      const { code = '', ...whom } = who as { code?: string }
      expect(failures[0]!.failure).toMatchObject({ failure: 'database-unknown', ...whom, native: { code } })
      if (prefix !== '') expect(Math.abs(failures[0]!.t - Date.now())).toBeLessThan(60_000)
    })
  })
}
