// The signals of an evidence as columns, with the few that follow from others: calls, and load by wait class.
import { type Evidence, type Signal, type Signals, type Tick, WAIT_CLASSES } from '../../model/index.ts'
import { tally } from '../tally.ts'

/** `calls`: what clients got done a second, in the unit that is counted: transactions, statements, rows changed. */
export type Quantity = Signal | 'calls'

export interface Table {
  /** One value a tick; NaN where it was not measured. */
  columns: Map<Quantity, Float64Array>
  length: number
}

export function tabulate({ ticks }: Evidence): Table {
  const columns = new Map<Quantity, Float64Array>()
  const length = ticks.length
  const put = (quantity: Quantity, at: number, value: number | undefined) => {
    if (value === undefined) return
    const column = columns.get(quantity) ?? new Float64Array(length).fill(Number.NaN)
    column[at] = value
    columns.set(quantity, column)
  }
  ticks.forEach((tick, at) => {
    for (const signal in tick.signals) put(signal as Signal, at, tick.signals[signal as Signal])
    if (tick.sessions) putSessions(tick, (signal, value) => put(signal, at, value))
  })
  const calls = callsOf(columns, length)
  if (calls) columns.set('calls', calls)
  return { columns, length }
}

/** What sampled sessions say beats what a counter says. */
function putSessions(tick: Tick, put: (signal: Signal, value: number) => void): void {
  const { active = 0, byWaitClass = {}, byState } = tally(tick)
  put('aas', active)
  for (const name of WAIT_CLASSES) put(`aas_${name.toLowerCase()}` as keyof Signals, byWaitClass[name] ?? 0)
  put('lock_waiters', byWaitClass.Lock ?? 0)
  put('connections_idle_in_transaction', byState['idle in transaction'] ?? 0)
}

/** Share of the ticks in which a counter has to move to be the one that counts what is done here. */
const MOVES = 0.1

function callsOf(columns: Table['columns'], length: number): Float64Array | undefined {
  const counted = (signal: Signal) => {
    const column = columns.get(signal)
    const moved = column?.filter(value => value > 0).length ?? 0
    return moved >= MOVES * length ? column : undefined
  }
  const [commits, rollbacks] = [counted('commits_per_s'), columns.get('rollbacks_per_s')]
  if (commits) return commits.map((value, at) => value + (rollbacks?.[at] || 0))
  return counted('statements_per_s') ?? counted('rows_changed_per_s') ?? counted('rows_read_index_per_s')
}
