// Changes of an instance: checked against every rule first, then done one call after the other.
import { AppError, type EngineName, type RdsOperation, type Step } from '../../model/index.ts'
import type { Identity } from '../account/identity.ts'
import { Account } from '../account/index.ts'
import { rdsTarget } from '../target.ts'
import { rdsActor } from './actor.ts'
import { operationsFor } from './operations.ts'
import { notesOn, refuse } from './rules.ts'
import { type Standing, standingOf } from './standing.ts'
import { stepsOf } from './steps.ts'
import { type Wishes, wishesOf, wishesOfSteps } from './wish.ts'

/** Waiting for a class or a snapshot asks for hours. */
const MOST_CALLS = 5_000

export interface Modified {
  /** The instance, and not another one of that name. */
  resourceId: string
  engine: EngineName
  steps: Step[]
  operations: RdsOperation[]
  notes: string[]
}

interface Asked {
  now: number
  /** Slots that are in use: none of them is taken away. */
  slotsInUse?: number
  /** Names what is made. */
  run?: string
}

/** One account for one run. Close it. */
export function openModify(target: string, identity: Identity, env: NodeJS.ProcessEnv) {
  const { id, region = identity.region } = rdsTarget(target)
  const account = new Account({ ...identity, ...(region === undefined ? {} : { region }) }, env, MOST_CALLS)
  const prepare = async (wishes: Wishes, asked: Asked, signal?: AbortSignal): Promise<Modified> => {
    const standing = await standingOf(account, id, wishes, asked, signal)
    refuse(standing, wishes)
    return {
      resourceId: standing.database.resourceId,
      engine: engineOf(standing),
      steps: stepsOf(standing, wishes),
      operations: operationsFor(standing, wishes, asked.run ?? 'run'),
      notes: notesOn(standing, wishes),
    }
  }
  return {
    actor: rdsActor(account),
    /** What `--set name=value …` comes to. Throws AppError `option-invalid`, `plan-impossible`, or what AWS says. */
    async manual(settings: Record<string, string>, asked: Asked, signal?: AbortSignal): Promise<Modified> {
      const { engine } = await standingNow(account, id, asked, signal)
      return prepare(wishesOf(settings, engine), asked, signal)
    },
    /** The same of the steps of a plan, against the instance of now. */
    operations: (steps: readonly Step[], asked: Asked, signal?: AbortSignal): Promise<Modified> =>
      prepare(wishesOfSteps(steps), asked, signal),
    close: () => account.close(),
  }
}

async function standingNow(account: Account, id: string, asked: Asked, signal?: AbortSignal) {
  const standing = await standingOf(account, id, wishesOfSteps([]), asked, signal)
  return { engine: engineOf(standing) }
}

function engineOf({ database }: Standing): EngineName {
  if (database.engine !== undefined) return database.engine
  throw new AppError(
    'not-this-engine',
    `${database.id} is ${database.product}`,
    'Spillway changes PostgreSQL, MySQL and MariaDB.',
  )
}
