// Measures what the README claims: npm run bench [-- NAME…]. Prints a table, writes bench/result/NAME.json.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'

const here = new URL('./', import.meta.url)
const ENDING = '.bench.mjs'

const all = readdirSync(here)
  .filter(file => file.endsWith(ENDING))
  .map(file => file.slice(0, -ENDING.length))
const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !all.includes(name))
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}: choose among ${all.join(', ')}`)
  process.exit(64)
}

const table = new Table({ head: ['claim', 'measured', 'asked', ''], style: { head: [], border: [] } })
let missed = 0
for (const file of wanted.length > 0 ? wanted : all) {
  const { name, run } = await import(new URL(`${file}${ENDING}`, here))
  console.log(`\n${name}`)
  const rows = await run(line => console.log(`  ${line}`))
  for (const { claim, measured, unit = '', asked, ok } of rows) {
    table.push([claim, `${measured} ${unit}`.trim(), asked, ok ? 'ok' : 'missed'])
    if (!ok) missed++
  }
  write(file, rows)
}
console.log(`\n${table}`)
if (missed > 0) process.exitCode = 1

/** One file a bench, so that two that are measured apart do not overwrite each other. */
function write(file, rows) {
  const folder = new URL('result/', here)
  mkdirSync(folder, { recursive: true })
  const result = {
    schema: 'spillway/bench/v1',
    name: file,
    date: new Date().toISOString(),
    ...conditions(),
    rows,
  }
  writeFileSync(fileURLToPath(new URL(`${file}.json`, folder)), `${JSON.stringify(result, null, 2)}\n`)
}

function conditions() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', here), 'utf8'))
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
    cwd: here,
    encoding: 'utf8',
  }).trim()
  return {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
    },
    versions: { spillway: version, commit, node: process.version },
  }
}
