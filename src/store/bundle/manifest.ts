// manifest.json: which target, which stretch of time, which limits.
import { AppError, EVIDENCE_SCHEMA, type Evidence } from '../../model/index.ts'
import { conform, parseJson } from './check.ts'
import { MAX_LINE_BYTES, MAX_TICKS } from './files.ts'
import { hostile, invalid, quote } from './refusal.ts'
import { manifestSchema } from './schema.ts'
import { formatTime } from './time.ts'

export type Manifest = Pick<Evidence, 'target' | 'from' | 'to' | 'tickMs' | 'limits' | 'window'>

const place = { file: 'manifest.json' }

/** Throws `bundle-unreadable`, `bundle-schema`, `bundle-invalid`, `bundle-hostile`. */
export function parseManifest(bytes: Buffer): Manifest {
  if (bytes.length > MAX_LINE_BYTES) throw hostile(place.file, `has more than ${MAX_LINE_BYTES} bytes`)
  const value = parseJson(bytes, place)
  refuseOtherSchema(value)
  const manifest = conform(manifestSchema, value, place)
  const { from, to, tickMs } = manifest
  if (to <= from) throw invalid({ ...place, path: 'to' }, 'is not after `from`')
  if ((to - from) / tickMs > MAX_TICKS)
    throw invalid({ ...place, path: 'tickMs' }, `makes more than ${MAX_TICKS} ticks`)
  return manifest
}

/** Before anything else is looked at: another version may differ in everything but this field. */
function refuseOtherSchema(value: unknown): void {
  const found = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined
  if (found === EVIDENCE_SCHEMA) return
  const named = typeof found === 'string' ? `the schema ${quote(found)}` : 'no schema'
  throw new AppError(
    'bundle-schema',
    `The bundle's manifest names ${named}; this version of Spillway reads ${EVIDENCE_SCHEMA}.`,
    'Use the version of Spillway that wrote the bundle, or record it anew with this one.',
  )
}

export function formatManifest({ target, from, to, tickMs, limits, window }: Manifest): Buffer {
  const manifest = {
    schema: EVIDENCE_SCHEMA,
    target,
    from: formatTime(from),
    to: formatTime(to),
    tickMs,
    limits,
    window: window && { from: formatTime(window.from), to: formatTime(window.to) },
  }
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
}
