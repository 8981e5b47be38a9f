// Makes the checkout ready to run: installs when node_modules is missing or older than the lock file, builds when
// dist is older than the sources. Silent and quick when there is nothing to do.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, isBuilt } from './build.mjs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Spillway needs Node.js 20.19 or newer; this is ${process.version}.`)
  process.exit(1)
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const stamp = 'node_modules/.spillway-lock'
const lock = readFileSync('package-lock.json', 'utf8')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.error('Installing dependencies (npm ci) …')
  const npm = process.env.npm_execpath
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], { stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  if (status !== 0) process.exit(status ?? 1)
  writeFileSync(stamp, lock)
}

if (!isBuilt()) {
  console.error('Building …')
  process.exitCode = build()
}
