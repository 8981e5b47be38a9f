// A plan as a file: sealed with the hash of its content, so that what is done is what was read.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { AppError, PLAN_SCHEMA, type Plan } from '../model/index.ts'
import { codeOf, plain } from './bundle/refusal.ts'
import { formatTime, parseTime } from './bundle/time.ts'

/** Larger ones are none of Spillway's. */
const MAX_BYTES = 4 * 1024 * 1024

/** The plan as it stands in its file: `createdAt` as ISO 8601 UTC, `hash` over all the rest. */
export function sealPlan(plan: Plan): Record<string, unknown> {
  const { hash: _, ...rest } = plan
  const content = JSON.parse(JSON.stringify({ ...rest, createdAt: formatTime(plan.createdAt) }))
  return { ...content, hash: hashOf(content) }
}

/** The plan in a file. Throws AppError `plan-unreadable`, or `plan-edited` where the hash is of another content. */
export async function readPlan(path: string): Promise<Plan & { hash: string }> {
  const content = parse(path, await textOf(path))
  const { hash, createdAt, ...rest } = content
  const t = typeof createdAt === 'string' ? parseTime(createdAt) : undefined
  if (rest.schema !== PLAN_SCHEMA || t === undefined || typeof hash !== 'string')
    throw unreadable(path, `is no plan of ${PLAN_SCHEMA}`)
  if (hash !== hashOf({ ...rest, createdAt }))
    throw new AppError(
      'plan-edited',
      `${plain(path)}: its content is not that of its hash.`,
      'Nobody knows what an edited plan would do: make it anew with `spillway plan … --json`.',
    )
  return { ...(rest as unknown as Omit<Plan, 'hash' | 'createdAt'>), createdAt: t, hash }
}

async function textOf(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_BYTES) throw unreadable(path, 'is too large for a plan')
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof AppError) throw error
    throw unreadable(path, `cannot be read (${codeOf(error)})`, error)
  }
}

function parse(path: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch (error) {
    throw unreadable(path, 'is no JSON', error)
  }
  throw unreadable(path, 'is no JSON object')
}

const unreadable = (path: string, problem: string, cause?: unknown): AppError =>
  new AppError(
    'plan-unreadable',
    `${plain(path)} ${problem}.`,
    'A plan is what `spillway plan TARGET --json > plan.json` writes.',
    cause,
  )

const hashOf = (content: unknown): string => createHash('sha256').update(canonical(content)).digest('hex')

/** JSON with the keys of every object in order, so that the same content has one text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`
}
