// From the files of a bundle to evidence, and back. Knows nothing of disks and archives.
import type { z } from 'zod'
import { AppError, type Evidence, type Tick } from '../../model/index.ts'
import type { Span } from './check.ts'
import { type FileName, type Files, MAX_FILE_BYTES, MAX_TOTAL_BYTES } from './files.ts'
import { formatLines, parseLines } from './lines.ts'
import { formatManifest, type Manifest, parseManifest } from './manifest.ts'
import { unreadable } from './refusal.ts'
import { eventLine, failureLine, probeLine, sessionsLine, statementLine } from './schema.ts'
import { formatSignals, parseSignals } from './signals.ts'
import { fillGaps, joinTicks } from './ticks.ts'

/** Throws `bundle-unreadable`, `bundle-schema`, `bundle-invalid`, `bundle-hostile`. */
export function decode(files: Files): Evidence {
  const bytes = files.get('manifest.json')
  if (!bytes) throw unreadable('This is no bundle', 'it has no manifest.json')
  const manifest = parseManifest(bytes)
  const { from, to, tickMs } = manifest
  // Attempts and counts begin a little before or after the tick they belong to.
  const around: Span = { from: from - tickMs, to: to + tickMs, repeats: true }
  // A change of yesterday may be what broke today.
  const anytime: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, repeats: true }
  const lines = <T extends { t: number }>(file: FileName, schema: z.ZodType<T>, span: Span): T[] => {
    const content = files.get(file)
    return content ? parseLines(content, file, schema, span) : []
  }
  return {
    ...manifest,
    ticks: decodeTicks(files, manifest),
    probes: lines('probes.ndjson', probeLine, around),
    failures: lines('failures.ndjson', failureLine, around),
    statements: lines('statements.ndjson', statementLine, around),
    events: lines('events.ndjson', eventLine, anytime),
  }
}

/** No ticks at all when neither file is there: nobody looked, which is not the same as gaps. */
function decodeTicks(files: Files, { from, to, tickMs }: Manifest): Tick[] {
  const signals = files.get('signals.csv')
  const sessions = files.get('sessions.ndjson')
  if (!signals && !sessions) return []
  const span: Span = { from, to, repeats: false }
  const ticks = joinTicks(
    signals ? parseSignals(signals, span) : [],
    sessions ? parseLines(sessions, 'sessions.ndjson', sessionsLine, span) : [],
  )
  return fillGaps(ticks, { from, to }, tickMs)
}

/** The files of a bundle; the same bytes for the same evidence. Throws `file-unwritable` when it is too large to read. */
export function encode(evidence: Evidence): Files {
  const { ticks, probes, failures, statements, events } = evidence
  const sessions = ticks
    .filter(tick => tick.sessions || tick.idle || tick.byStatement)
    .map(({ signals: _, ...rest }) => rest)
  const files: Files = new Map([['manifest.json', formatManifest(evidence)]])
  if (ticks.length > 0) files.set('signals.csv', formatSignals(ticks))
  const lines = { sessions, statements, probes, failures, events }
  for (const [name, values] of Object.entries(lines))
    if (values.length > 0) files.set(`${name as keyof typeof lines}.ndjson`, formatLines(values))
  refuseTooLarge(files)
  return files
}

function refuseTooLarge(files: Files): void {
  const sizes = [...files.values()].map(bytes => bytes.length)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= MAX_TOTAL_BYTES && Math.max(...sizes) <= MAX_FILE_BYTES) return
  throw new AppError(
    'file-unwritable',
    `The evidence takes ${total} bytes; a bundle has at most ${MAX_TOTAL_BYTES}, and ${MAX_FILE_BYTES} a file.`,
    'Record a shorter time, or less often.',
  )
}
