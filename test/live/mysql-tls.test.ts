// Whom Spillway believes to be a MySQL or MariaDB server, and logins that AWS has, on real servers.
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { mysqlEngine, mysqlTarget } from '../../src/engine/mysql/index.ts'
import type { MysqlProgram } from '../../src/lab/mysql/program.ts'
import type { Signed } from '../kit/authority.ts'
import { clientOf, SERVERS, startMysql } from '../kit/mysql.ts'
import { hasOpenssl } from '../kit/postgres.ts'
import { describeWith } from '../kit/require.ts'
import { type Lack, type Subject, trustTable } from '../kit/trusting.ts'

/** It loads no certificate that is over, and hashes no password longer than 256 bytes: test/net/mysql-token.test.ts. */
const MYSQL_LACKS: Lack[] = ['expired certificate', 'long password']

for (const { name, isMariaDb, program } of SERVERS) {
  describeWith(`${name} with TLS and AWS`, program !== undefined && hasOpenssl(), () => {
    trustTable(certificate => start(program!, isMariaDb, certificate), isMariaDb ? [] : MYSQL_LACKS)
  })
}

const start = async (program: MysqlProgram, isMariaDb: boolean, tls: Signed): Promise<Subject> => {
  const server = await startMysql(program, { tls })
  const admin = await clientOf(server.adminUrl())
  await admin.query("create user app@'%' require ssl")
  return {
    port: server.port,
    show: async ({ certFile, keyFile }) => {
      copyFileSync(certFile, join(dirname(server.socket), 'server.crt'))
      copyFileSync(keyFile, join(dirname(server.socket), 'server.key'))
      await admin.query(isMariaDb ? 'flush ssl' : 'alter instance reload tls')
    },
    setPassword: async password => {
      await admin.query(`alter user app@'%' identified by '${password}'`)
    },
    engine: (place, settings, source) => {
      const target = mysqlTarget(`mysql://${place}`, { USER: 'app' }, { settings })
      return mysqlEngine(source ? Object.assign(target, { source }) : target)
    },
    stop: async () => {
      await admin.end()
      await server.stop()
    },
  }
}
