// Who runs a server of the lab: database servers refuse root.
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { AppError } from '../model/index.ts'

export interface Owner {
  uid: number
  gid: number
}

/** As root the server runs as an account that exists already; as anybody else, as that user. */
export const unprivilegedOwner = (): Owner | undefined => {
  if (userInfo().uid !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
  for (const name of ['postgres', 'nobody', 'daemon']) {
    const [, , uid, gid] = accounts.find(fields => fields[0] === name) ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new AppError(
    'server-not-started',
    'a database server refuses to run as root, and there is no account postgres or nobody',
    'run it as an ordinary user',
  )
}
