// The way back of each operation, out of what the journal says was there before it.
import type { Operation, RdsOperation } from '../model/index.ts'
import type { History, Progress } from './history.ts'

export interface WayBack {
  /** Of the operation that is taken back. */
  number: number
  title: string
  operation?: Operation
  /** Present: it stays as it is, and why. */
  left?: string
  /** What stays is harmless: the rest is taken back completely without it. */
  harmless?: boolean
  /** It was announced, and whether it was sent is not known: there is nothing to take back where all is as it was. */
  asWas?: Operation['after']
  /** And what else stands there than this was made by somebody else. */
  asMade?: Operation['after']
  /** It was sent, and may be there before it is shown: it is taken back unseen. */
  unseen?: boolean
}

/** What others make as well, under the same name: what stands there may be theirs. */
const SHARED: readonly Operation['call']['kind'][] = ['ingress', 'proxy-target']

/** Last first. A restart is not taken back; settings that wait for one are given one, where the run made one. */
export function waysBack({ beginning, done }: History): WayBack[] {
  const touched = beginning.operations
    .map((operation, number) => ({ operation, number, progress: done.get(number) }))
    .filter(
      (one): one is typeof one & { progress: Progress } =>
        one.progress !== undefined && !one.progress.already,
    )
  const back = touched
    .toReversed()
    .flatMap(({ operation, number, progress }) => wayBack(operation, number, progress))
  const restart = touched.find(({ operation }) => operation.call.kind === 'restart')
  const waits = touched.some(({ operation }) => needsRestart(operation))
  return restart && waits ? [...back, { number: restart.number, ...restarted(restart.operation) }] : back
}

function wayBack(operation: Operation, number: number, { look, stage }: Progress): WayBack[] {
  const { by, title, call, irreversible, stays } = operation
  if (call.kind === 'restart') return []
  const isShared = SHARED.includes(call.kind)
  const unsure =
    stage === 'intended' && by === 'rds'
      ? { asWas: look.now, ...(isShared ? { asMade: operation.after } : {}) }
      : {}
  if (stays !== undefined) return [{ number, title, left: stays, harmless: true, ...unsure }]
  if (irreversible !== undefined) return [{ number, title, left: irreversible, ...unsure }]
  const names = Object.keys(operation.after)
  const only = (state: Operation['after']) =>
    Object.fromEntries(names.map(name => [name, state[name] ?? null]))
  const back = {
    ...operation,
    title: `take back: ${title}`,
    // What did not come out as it should is no longer as it should be; what is shared is only ours as we make it.
    before: stage === 'settled' || isShared ? operation.after : {},
    after: only(look.now),
    write: only(look.kept),
  }
  const unseen = stage === 'sent' && call.kind === 'ingress'
  return [{ number, title, operation: back, unseen, ...unsure }]
}

const needsRestart = ({ call, after }: Operation): boolean =>
  (call.kind === 'set-parameters' && call.pending.length > 0) ||
  call.kind === 'modify-cluster' ||
  (call.kind === 'modify-instance' && 'DBParameterGroupName' in after)

const restarted = (operation: Operation): Omit<WayBack, 'number'> => ({
  title: `${operation.title} again`,
  operation: { ...(operation as RdsOperation), title: `${operation.title} again` },
})
