// The files a bundle is made of, and how much of them is taken in.

export const FILES = [
  'manifest.json',
  'signals.csv',
  'sessions.ndjson',
  'statements.ndjson',
  'probes.ndjson',
  'failures.ndjson',
  'events.ndjson',
] as const

export type FileName = (typeof FILES)[number]

/** The content of a bundle, whichever way it is packed. An absent file is unknown. */
export type Files = Map<FileName, Buffer>

const MIB = 1024 * 1024

/** Bytes of all files together; of an archive: after decompression, headers and unknown members included. */
export const MAX_TOTAL_BYTES = 512 * MIB
/** Bytes of one file. */
export const MAX_FILE_BYTES = 256 * MIB
/** Bytes of one line of NDJSON, and of the manifest. */
export const MAX_LINE_BYTES = 16 * MIB
/** Members of an archive, folders and unknown ones included. */
export const MAX_MEMBERS = 64
/** Ticks of one bundle: eleven days at one a second. A gap takes as much room as a tick that was seen. */
export const MAX_TICKS = 1_000_000

export const isFileName = (name: string): name is FileName => (FILES as readonly string[]).includes(name)
