// A MySQL or MariaDB that dies in the middle of whatever it was saying.
import { mysqlEngine, mysqlTarget } from '../../src/engine/mysql/index.ts'
import { describeCuts } from '../kit/cut.ts'
import { SERVERS, startMysql } from '../kit/mysql.ts'
import { hasOpenssl, makeCertificate } from '../kit/postgres.ts'

for (const { name, program } of SERVERS) {
  describeCuts(`${name} cut off`, program !== undefined && hasOpenssl(), async () => {
    const certificate = makeCertificate('localhost')
    // Broken handshakes are counted against the host: it must not be blocked for them.
    const settings = { max_connect_errors: 1_000_000 }
    const server = await startMysql(program!, { settings, tls: certificate })
    certificate.remove()
    return {
      port: server.port,
      engine: (port, tls, connectMs) => {
        const url = server.adminUrl().replace(`:${server.port}`, `:${port}`)
        const target = `${url}?ssl-mode=${tls ? 'required' : 'disabled'}`
        return mysqlEngine(mysqlTarget(target, {}), { connectMs })
      },
      stop: () => server.stop(),
    }
  })
}
