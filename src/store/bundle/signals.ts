// signals.csv: one row a tick, one column a canonical signal; an empty cell is a gap.
import { CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { SIGNALS, type Signal, type Signals, type Tick } from '../../model/index.ts'
import { type Span, timeline } from './check.ts'
import { invalid, type Place, quote } from './refusal.ts'
import { formatTime, parseTime } from './time.ts'

const file = 'signals.csv'
const MAX_ROW_CHARACTERS = 1024 * 1024

/** One tick a row. Throws `bundle-invalid`. */
export function parseSignals(bytes: Buffer, span: Span): Tick[] {
  const ticks: Tick[] = []
  const checkTime = timeline(span)
  let columns: Signal[] | undefined
  const takeRow = (row: string[], { lines: line }: { lines: number }): null => {
    const place = { file, line }
    if (columns === undefined) {
      columns = parseHeader(row, place)
      return null
    }
    const tick = parseRow(row, columns, place)
    checkTime(tick.t, place)
    ticks.push(tick)
    return null
  }
  try {
    // Rows are turned into ticks one by one: all cells as text would take several times the room.
    parse(bytes, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_ROW_CHARACTERS,
      on_record: takeRow,
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw invalid({ file, line: Number(error.lines) }, `is not CSV (${error.code})`)
  }
  if (columns === undefined) throw invalid({ file }, 'has no header')
  return ticks
}

function parseHeader(row: string[], place: Place): Signal[] {
  if (row[0] !== 't') throw invalid(place, `the first column is ${quote(row[0] ?? '')} instead of "t"`)
  const columns = row.slice(1)
  return columns.map((name, at) => {
    if (!isSignal(name)) throw invalid(place, `the column ${quote(name)} is no canonical signal`)
    if (columns.indexOf(name) !== at) throw invalid(place, `the column ${quote(name)} stands twice`)
    return name
  })
}

const KNOWN: ReadonlySet<string> = new Set(SIGNALS)

const isSignal = (name: string): name is Signal => KNOWN.has(name)

function parseRow(row: string[], columns: Signal[], place: Place): Tick {
  if (row.length !== columns.length + 1)
    throw invalid(place, `has ${row.length} cells, the header has ${columns.length + 1}`)
  const [time = ''] = row
  const t = parseTime(time)
  if (t === undefined) throw invalid({ ...place, path: 't' }, `${quote(time)} is not an ISO 8601 time in UTC`)
  const signals: Signals = {}
  columns.forEach((name, at) => {
    const cell = row[at + 1]
    if (cell) signals[name] = parseCell(cell, name, place)
  })
  return { t, signals }
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/

function parseCell(cell: string, name: Signal, place: Place): number {
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN
  if (!Number.isFinite(value)) throw invalid({ ...place, path: name }, `${quote(cell)} is not a number`)
  return value
}

/** Every tick has a row, also when nothing is known about it; only signals that occur have a column. */
export function formatSignals(ticks: readonly Tick[]): Buffer {
  const columns = SIGNALS.filter(name => ticks.some(({ signals }) => signals[name] !== undefined))
  const rows = ticks.map(({ t, signals }) => [
    formatTime(t),
    ...columns.map(name => formatCell(signals[name])),
  ])
  return Buffer.from(stringify([['t', ...columns], ...rows]))
}

/** What is not a finite number was not measured. */
const formatCell = (value: number | undefined): string => (Number.isFinite(value) ? String(value) : '')
