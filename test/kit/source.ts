// The project's own sources as data: files, their imports, their functions. Leans on the formatter's layout.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface Source {
  /** Relative to the project, `/`-separated. */
  path: string
  text: string
  lines: string[]
  imports: Import[]
}

interface Import {
  /** The project path of a relative import, or the package's specifier. */
  to: string
  relative: boolean
  typeOnly: boolean
  dynamic: boolean
}

export function readSources(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name))
    .filter(path => /\.tsx?$/.test(path))
    .sort()
    .map(path => {
      const text = readFileSync(path, 'utf8')
      return { path, text, lines: text.trimEnd().split('\n'), imports: importsOf(path, text) }
    })
}

const STATIC = /^(?:import|export)\s+(type\s)?[^'"()]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm
const DYNAMIC = /(?<!typeof )\bimport\('([^']+)'\)/g

function importsOf(path: string, text: string): Import[] {
  const found: Import[] = []
  const add = (specifier: string, typeOnly: boolean, dynamic: boolean) => {
    const relative = specifier.startsWith('.')
    found.push({
      to: relative ? normalize(join(dirname(path), specifier)) : specifier,
      relative,
      typeOnly,
      dynamic,
    })
  }
  for (const match of text.matchAll(STATIC)) add((match[2] ?? match[3])!, match[1] !== undefined, false)
  for (const match of text.matchAll(DYNAMIC)) add(match[1]!, false, true)
  return found
}

const OPENS =
  /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\b|(?:const|let) \w+.*=>|(?:static |readonly )*(?:async )?[\w#]+\(.*\).*)\s*.*\{$/

/** Functions with their lengths in lines, by the indentation that the formatter guarantees. */
export function functionsOf(source: Source): { name: string; line: number; length: number }[] {
  return source.lines.flatMap((line, at) => {
    const match = OPENS.exec(line)
    if (!match || /^\s*(?:if|for|while|switch|else|try|catch|return|await|describe|test|it)\b/.test(line))
      return []
    const end = source.lines.findIndex((other, i) => i > at && other.startsWith(`${match[1]}}`))
    return end < 0 ? [] : [{ name: line.trim(), line: at + 1, length: end - at + 1 }]
  })
}
