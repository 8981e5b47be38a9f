// Where the database answers that an rds: target names, for whoever wants to connect to it.
import { AppError } from '../model/index.ts'
import type { Identity } from './account/identity.ts'
import { Account } from './account/index.ts'
import { shapeOf } from './catalog/index.ts'
import { type Descriptions, knownDatabase } from './describe/known.ts'
import { closedBecause } from './describe/state.ts'
import { rdsTarget } from './target.ts'

export interface RdsEndpoint {
  /** Without user and password: those come from where they come from for any other host. */
  uri: string
  region?: string
  vcpus?: number
}

/** Throws AppError: `instance-unknown`, `not-ready`, `not-this-engine`, or what keeps AWS from answering. */
export async function rdsEndpoint(
  text: string,
  identity: Identity,
  env: NodeJS.ProcessEnv,
  descriptions?: Descriptions,
  signal?: AbortSignal,
): Promise<RdsEndpoint> {
  const { region = identity.region, ...target } = rdsTarget(text)
  const { id } = target
  const where = region === undefined ? {} : { region }
  const account = new Account({ ...identity, ...where }, env)
  try {
    const database = await knownDatabase(account, target, descriptions, signal)
    const { engine, endpoint, product } = database
    if (engine === undefined)
      throw new AppError(
        'not-this-engine',
        `${id} is ${product}, which Spillway cannot connect to`,
        `spillway diagnose ${text} shows what AWS has of it.`,
      )
    if (endpoint === undefined)
      throw new AppError(
        'not-ready',
        `${id} has no endpoint: ${closedBecause(database) ?? database.status}`,
        `spillway diagnose ${text} shows what AWS has of it.`,
      )
    const shape = shapeOf(database)
    return {
      uri: `${engine}://${endpoint.host}:${endpoint.port}/`,
      ...where,
      ...(shape ? { vcpus: shape.vcpus } : {}),
    }
  } finally {
    account.close()
  }
}
