// Runs the demo again and again and prints what each run measured: node bench/demo.mjs [runs] [scenario]
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const [runs = '10', scenario = 'idle-in-transaction'] = process.argv.slice(2)
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const seconds = ms => (ms === undefined ? '–' : (ms / 1000).toFixed(1))
const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

const results = []
console.log(`run  seed  ok     outcome    first finding         refused s  verdict s  recovered s`)
for (let n = 1; n <= Number(runs); n++) {
  const args = [main, 'demo', '--json', '--scenario', scenario, '--seed', String(n)]
  const run = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 }).catch(error => error)
  const result = JSON.parse(run.stdout)
  await rm(result.folder, { recursive: true, force: true })
  results.push(result)
  const { ok, diagnosis, firstRefusedMs, verdictMs, recoveredMs } = result
  const cells = [
    String(n).padStart(3),
    String(n).padStart(5),
    String(ok).padEnd(5),
    diagnosis.outcome.padEnd(9),
  ]
  const times = [firstRefusedMs, verdictMs, recoveredMs].map(value => seconds(value).padStart(9))
  console.log(
    `${cells.join('  ')}  ${(diagnosis.findings[0]?.cause ?? 'none').padEnd(20)}  ${times.join('  ')}`,
  )
}
const all = name => results.map(result => result[name]).filter(value => value !== undefined)
const times = ['firstRefusedMs', 'verdictMs', 'recoveredMs'].map(name => seconds(median(all(name))))
console.log(
  `${results.filter(({ ok }) => ok).length} of ${runs} ok; median s: refused ${times.join(', verdict ')}`.replace(
    /verdict ([^,]*)$/,
    'recovered $1',
  ),
)
console.log(
  `Node ${process.version}, ${process.platform} ${process.arch}, ${new Date().toISOString().slice(0, 10)}`,
)
if (results.some(({ ok }) => !ok)) process.exitCode = 1
