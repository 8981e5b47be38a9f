// The server's own translations: catalogues of GNU gettext, as Debian installs them beside PostgreSQL.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const ROOT = '/usr/share/locale'

/** Languages into which the messages of that major version are translated here. */
export const languagesOf = (major: number): string[] =>
  existsSync(ROOT) ? readdirSync(ROOT).filter(language => existsSync(fileOf(language, major))) : []

/** https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html */
export const translate = (message: string, language: string, major: number): string | undefined => {
  const file = readFileSync(fileOf(language, major))
  const [count, originals, translations] = [8, 12, 16].map(at => file.readUInt32LE(at)) as [
    number,
    number,
    number,
  ]
  const text = (table: number, n: number) => {
    const [length, at] = [file.readUInt32LE(table + 8 * n), file.readUInt32LE(table + 8 * n + 4)]
    return file.toString('utf8', at, at + length)
  }
  const n = Array.from({ length: count }, (_, i) => i).find(i => text(originals, i) === message)
  return n === undefined ? undefined : text(translations, n)
}

const fileOf = (language: string, major: number): string =>
  `${ROOT}/${language}/LC_MESSAGES/postgres-${major}.mo`
