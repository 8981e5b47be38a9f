// The logins of all applications are changed, and nobody told the applications.
import { DEPLOY, OBSERVER } from '../engine.ts'
import { spec } from './spec.ts'

export const loginRefused = spec('login-refused', 'logins are rotated, and nobody told the clients', shop => {
  const users = [...shop.services.map(({ name }) => name), OBSERVER]
  const isPostgres = shop.dialect.engine === 'postgres'
  return {
    hearsLog: true,
    fault: [
      {
        do: 'administer',
        statements: users.map(user =>
          isPostgres
            ? `alter role ${user} nologin`
            : `alter user '${user}'@'%' identified by 'rotated-${DEPLOY}'`,
        ),
        undo: users.map(user =>
          isPostgres ? `alter role ${user} login` : `alter user '${user}'@'%' identified by ''`,
        ),
      },
      // Who is in stays in; the new version is not.
      { do: 'redeploy', service: 'web', everyMs: 1000 },
    ],
    truth: { cause: 'auth-failure', also: [] },
  }
})
