// What the description of a database has to say to somebody who looks after it.
import type { Check } from '../model/index.ts'
import type { Identity } from './account/identity.ts'
import { Account } from './account/index.ts'
import { type Descriptions, knownDatabase } from './describe/known.ts'
import { standbyOf } from './describe/state.ts'
import { rdsTarget } from './target.ts'

/** Throws AppError: `instance-unknown`, or what keeps AWS from answering. */
export async function checkup(
  text: string,
  identity: Identity,
  env: NodeJS.ProcessEnv,
  descriptions?: Descriptions,
  signal?: AbortSignal,
): Promise<Check[]> {
  const { region = identity.region, ...target } = rdsTarget(text)
  const account = new Account({ ...identity, ...(region === undefined ? {} : { region }) }, env)
  try {
    const database = await knownDatabase(account, target, descriptions, signal)
    return [{ name: 'standby', ...standbyOf(database) }]
  } finally {
    account.close()
  }
}
