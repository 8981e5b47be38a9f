// What a statement does, by its first words: enough to tell who copies whole tables from who asks a question.

export type Shape = 'dump' | 'load' | 'write' | 'flush' | 'read'

/** `dump`: whole tables go out. `load`: rows come in by the hundred. `flush`: makes the server write back and open again. */
export function shapeOf(statement: string | undefined): Shape | undefined {
  // What stands in /*!40001 ... */ is run by servers from that version on.
  const text = statement
    ?.replace(/\/\*!\d*(.*?)\*\//gs, '$1')
    .replace(/\/\*.*?\*\//gs, ' ')
    .trim()
  if (!text) return undefined
  return SHAPES.find(([pattern]) => pattern.test(text))?.[1] ?? 'read'
}

const SHAPES: readonly (readonly [RegExp, Shape])[] = [
  [/^copy\b.*\bto\b/is, 'dump'],
  // Nobody who serves people asks for all columns of all rows, in no order.
  [/^select\s+(sql_no_cache\s+)?\*\s+from\s+[\w.`"$]+\s*;?$/i, 'dump'],
  // Newer dump programs name the columns.
  [/^select\s+sql_no_cache\s+[\w`$,\s]+?\s+from\s+[\w.`"$]+\s*;?$/i, 'dump'],
  [/^copy\b.*\bfrom\b|^load\s+data\b|^insert\b.*\bselect\b/is, 'load'],
  [/^(insert|update|delete|merge|replace)\b/i, 'write'],
  [/^(flush|checkpoint)\b/i, 'flush'],
]
