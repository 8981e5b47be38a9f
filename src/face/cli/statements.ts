// The statements of an incident on the first screen: by whose doing the load has grown.
import type { Diagnosis, StatementChange } from '../../model/index.ts'
import { entry, type Paint } from './paint.ts'
import { short } from './words.ts'

const LINES = 4
const TEXT = 60

export function statementLines({ statements = [] }: Diagnosis, p: Paint, columns: number): string[] {
  return statements.slice(0, LINES).flatMap((one, i) => {
    const line = entry(i === 0 ? 'Statements' : '', `${words(one)}: ${name(one)}`, columns)
    return one.role === 'causes' ? line : p.dim(line)
  })
}

/** `AAS 0.2 → 21.9 (calls ×1.0), 21.9 gone without its change`. */
function words({ aas, role, callsPerS }: StatementChange): string {
  const calls =
    callsPerS && callsPerS.before > 0 ? ` (calls ×${short(callsPerS.during / callsPerS.before)})` : ''
  const effect = role === 'causes' ? `${short(aas.returns)} gone without its change` : 'only slower by others'
  return `AAS ${short(aas.before)} → ${short(aas.during)}${calls}, ${effect}`
}

function name({ statement, statementId }: StatementChange): string {
  const text = statement?.replace(/\s+/g, ' ').trim() ?? statementId
  return text.length > TEXT ? `${text.slice(0, TEXT - 1)}…` : text
}
