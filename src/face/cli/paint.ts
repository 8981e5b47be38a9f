// Colour, where the terminal takes it, and text in columns.
import picocolors from 'picocolors'

export type Paint = ReturnType<typeof picocolors.createColors>

export const paint = (coloured: boolean): Paint => picocolors.createColors(coloured)

/** Breaks text at spaces; every line after the first is indented. */
export function wrap(text: string, columns: number, indent: number): string {
  const room = Math.max(30, columns - indent)
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line && line.length + 1 + word.length > room) lines.push(word)
    else lines[lines.length - 1] = line ? `${line} ${word}` : word
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** A label in a column of its own, and wrapped text beside it. */
export const entry = (label: string, text: string, columns: number, width = 15): string =>
  `${label.padEnd(width)}${wrap(text, columns, width)}`
