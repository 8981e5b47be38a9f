// What every step of a fault is given, and what it leaves behind.
import type { Application } from '../application.ts'
import type { Cage } from '../cage.ts'
import type { Address, LabEngine, LabPooler, LabServer } from '../engine.ts'
import type { Relay } from '../relay.ts'
import type { FaultStep } from '../scenario.ts'

export interface Injection {
  /** When its first step began, epoch milliseconds. */
  begunAt: number
  /** When the fault had taken hold, epoch milliseconds. */
  t: number
  /** Server's id of the session at the root, where there is one. */
  session?: string
}

export interface Shop {
  engine: LabEngine
  server: LabServer
  address: Address
  applications: Application[]
  relay?: Relay
  pooler?: LabPooler
  cage?: Cage
}

export interface Done {
  undo(): Promise<void>
  session?: string
  abandon?(): void
}

export type Step<Kind extends FaultStep['do']> = Extract<FaultStep, { do: Kind }>
