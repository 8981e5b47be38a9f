// The ways to refuse a bundle: each one line that says where, with a hint. What is quoted is escaped and bounded.
import { AppError, EVIDENCE_SCHEMA } from '../../model/index.ts'

/** A place inside a bundle. `line` counts from 1; `path` leads to a field (`sessions[3].state`) or a column. */
export interface Place {
  file: string
  line?: number
  path?: string
}

/** The content breaks the contract. */
export const invalid = (place: Place, problem: string): AppError =>
  new AppError(
    'bundle-invalid',
    `${locate(place)}: ${problem}.`,
    `Mend that place, or record the evidence anew; the format is ${EVIDENCE_SCHEMA}.`,
  )

/** The bytes make no sense: cut off, damaged, or something else altogether. */
export const unreadable = (what: string, problem: string, cause?: unknown): AppError =>
  new AppError(
    'bundle-unreadable',
    `${what}: ${problem}.`,
    'A bundle is a folder with a manifest.json, or that folder as .tar.gz. Copy or record it again.',
    cause,
  )

/** Not what an honest writer makes; nothing of it is used. */
export const hostile = (what: string, problem: string): AppError =>
  new AppError(
    'bundle-hostile',
    `${what}: ${problem}.`,
    'Nothing was unpacked. Do not unpack it by hand; ask for a bundle as `spillway record` writes it.',
  )

export const locate = ({ file, line, path }: Place): string =>
  [line === undefined ? file : `${file} line ${line}`, ...(path ? [path] : [])].join(', ')

const QUOTED_CHARACTERS = 80

/** Shows text from a bundle: in quotes, escaped, and bounded. */
export const quote = (text: string): string =>
  plain(JSON.stringify(text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text))

/** Shows text, such as a path, that may play tricks on a terminal. */
export const plain = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    character => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )

/** The code of an error of Node or of a library. Its message may quote anything; it stays in the cause. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no code'
