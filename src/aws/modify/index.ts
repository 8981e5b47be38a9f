// Changes of an instance: checked against every rule first, then done one call after the other.
import {
  AppError,
  type EngineName,
  PLAN_SCHEMA,
  type Plan,
  type RdsOperation,
  type Step,
  type Target,
} from '../../model/index.ts'
import type { Identity } from '../account/identity.ts'
import { Account } from '../account/index.ts'
import type { Database } from '../describe/database.ts'
import { findDatabase } from '../describe/find.ts'
import { targetOf } from '../evidence/assemble.ts'
import { rdsTarget } from '../target.ts'
import { rdsActor } from './actor.ts'
import { operationsFor } from './operations.ts'
import { notesOn, refuse } from './rules.ts'
import { standingOf } from './standing.ts'
import { stepsOf } from './steps.ts'
import { type Wishes, wishesOf, wishesOfSteps } from './wish.ts'

/** Waiting for a class or a snapshot asks for hours. */
const MOST_CALLS = 5_000

interface Modified {
  /** The instance, and not another one of that name. */
  target: Target
  steps: Step[]
  operations: RdsOperation[]
  notes: string[]
}

interface Asked {
  now: number
  /** Names what is made, and who made it. */
  run?: string
  who?: string
  /** By hand, beside the steps. */
  settings?: Record<string, string>
}

/** One account for one run. Close it. */
export function openModify(target: string, identity: Identity, env: NodeJS.ProcessEnv) {
  const { id, region = identity.region } = rdsTarget(target)
  const account = new Account({ ...identity, ...(region === undefined ? {} : { region }) }, env, MOST_CALLS)
  const name = `rds:${id}${region === undefined ? '' : `@${region}`}`
  const prepare = async (wishes: Wishes, asked: Asked, signal?: AbortSignal): Promise<Modified> => {
    const standing = await standingOf(account, id, wishes, asked, signal)
    refuse(standing, wishes)
    return {
      target: targetOf(name, region, standing.database, standing.shape),
      steps: stepsOf(standing, wishes),
      operations: operationsFor(standing, wishes, { run: 'run', ...asked }),
      notes: notesOn(standing, wishes),
    }
  }
  return {
    actor: rdsActor(account),
    /** What `--set name=value …` comes to. Throws AppError `option-invalid`, `plan-impossible`, or what AWS says. */
    async plan(
      settings: Record<string, string>,
      asked: Asked,
      signal?: AbortSignal,
    ): Promise<{ plan: Plan; operations: RdsOperation[] }> {
      const engine = engineOf(await findDatabase(account, { id }, signal))
      const {
        target: described,
        steps,
        operations,
        notes,
      } = await prepare(wishesOf(settings, engine), asked, signal)
      const manual = { settings, steps, notes }
      return {
        plan: {
          schema: PLAN_SCHEMA,
          target: described,
          createdAt: asked.now,
          advice: [],
          notAdvised: [],
          manual,
        },
        operations,
      }
    },
    /** The same of the steps of a plan, against the instance of now. */
    operations: (steps: readonly Step[], asked: Asked, signal?: AbortSignal): Promise<Modified> =>
      prepare(wishesOfSteps(steps, asked.settings), asked, signal),
    close: () => account.close(),
  }
}

function engineOf(database: Database): EngineName {
  if (database.engine !== undefined) return database.engine
  throw new AppError(
    'not-this-engine',
    `${database.id} is ${database.product}`,
    'Spillway changes PostgreSQL, MySQL and MariaDB.',
  )
}
