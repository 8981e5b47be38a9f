// Everything that can be judged without a server: format and lint, types, unused code, tidy and unit tests.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const steps = [
  ['biome', 'ci', '--colors=off', '.'],
  ['tsc', '--noEmit'],
  ['knip', '--no-progress'],
  ['node', 'scripts/third-party.mjs', '--check'],
  ['vitest', 'run', '--project', 'unit'],
]
for (const [tool, ...args] of steps) {
  const { status } = spawnSync(tool === 'node' ? process.execPath : `node_modules/.bin/${tool}`, args, {
    stdio: 'inherit',
  })
  if (status !== 0) {
    console.error(`npm run check: ${tool} failed`)
    process.exit(status ?? 1)
  }
}
