// Unpacks a server out of Debian's packages into .spillway/servers/<name>/, beside whatever is installed. Idempotent.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../.spillway/servers/', import.meta.url))

/** `program` says that the tree is whole. Needs root and debootstrap; takes about a minute and 600 MB. */
export const unpack = ({ name, suite, packages, program }) => {
  const tree = `${root}${name}`
  if (existsSync(`${tree}/${program}`)) return
  if (userInfo().uid !== 0 || !has('debootstrap')) {
    console.error(`${name}: needs root and the program debootstrap; its tests will be skipped`)
    return
  }
  console.log(`${packages.join(', ')} of Debian ${suite}`)
  mkdirSync(root, { recursive: true })
  const half = `${tree}.new`
  rmSync(half, { recursive: true, force: true })
  execFileSync('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, half], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  rmSync(tree, { recursive: true, force: true })
  renameSync(half, tree)
}

const has = program => {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
