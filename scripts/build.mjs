// Compiles src/ to dist/ with tsc. `isBuilt` tells whether dist is newer than every source.
import { spawnSync } from 'node:child_process'
import { readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = join(root, 'dist/.built')

export function isBuilt() {
  const builtAt = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map(name => join('src', name))
  // Folders count as well: their time changes when a file is removed.
  return [...sources, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].every(
    name => statSync(join(root, name)).mtimeMs <= builtAt,
  )
}

/** Returns the exit status. The old dist stays until the new one is whole. */
export function build() {
  const startedAt = new Date()
  const next = join(root, `dist.${process.pid}`)
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const run = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', next], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (run.status !== 0) {
    rmSync(next, { recursive: true, force: true })
    return run.status ?? 1
  }
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(next, join(root, 'dist'))
  writeFileSync(stamp, '')
  utimesSync(stamp, startedAt, startedAt)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = build()
