// What each kind of operation is: how it is looked at, sent, and waited for.
import type { Look, RdsCall, RdsOperation, State } from '../../../model/index.ts'
import type { Account } from '../../account/index.ts'

type Kind = RdsCall['kind']

export type Of<K extends Kind> = RdsOperation & { call: Extract<RdsCall, { kind: K }> }

/** All of them throw AppError. */
export interface Doing<K extends Kind> {
  look(account: Account, operation: Of<K>, signal?: AbortSignal): Promise<Look>
  send(account: Account, operation: Of<K>, signal?: AbortSignal): Promise<void>
  waitsFor(account: Account, operation: Of<K>, signal?: AbortSignal): Promise<string | undefined>
  tells?(account: Account, operation: Of<K>, signal?: AbortSignal): Promise<string | undefined>
}

export const same = (now: State): Look => ({ now, kept: now })

/** States in which an instance can be used, and changed by somebody else's rules. */
export const SETTLED = ['available', 'storage-optimization']
