// Scores the diagnosis on recorded incidents that stand outside of the project: npm run score:recorded [-- SET … --json FILE].
// A set is a folder of bundles with a labels.json: { case: { cause, kind?, also?, window: {from, to} | null } }.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { diagnose } from '../dist/diagnosis/index.js'
import { readBundle } from '../dist/store/index.js'
import { confusion, summarise } from './kit/score.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    half: { type: 'string', default: 'all' },
    cases: { type: 'boolean', default: false },
  },
})
const ALL = 'all sets'
const home =
  process.env.SPILLWAY_EVIDENCE ?? fileURLToPath(new URL('../../shared/evidence/', import.meta.url))
const sets = positionals.length > 0 ? positionals : setsIn(home)
if (sets.length === 0) {
  console.log(
    `No recorded incidents under ${home} (SPILLWAY_EVIDENCE or arguments name another place): skipped.`,
  )
  process.exit(0)
}

const results = {}
for (const set of sets) {
  const scored = await scoreSet(set)
  results[basename(set)] = { ...summarise(scored), cases: scored }
  print(basename(set), scored)
}
if (sets.length > 1)
  print(
    ALL,
    Object.values(results).flatMap(({ cases }) => cases),
  )
if (options.json) {
  const result = { schema: 'spillway/score/v1', half: options.half, sets: results }
  writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
}

function setsIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .map(name => join(folder, name))
    .filter(path => existsSync(join(path, 'labels.json')))
}

/** The name of a case decides the half it is in, and nothing else. */
async function scoreSet(set) {
  const labels = JSON.parse(readFileSync(join(set, 'labels.json'), 'utf8'))
  const half = Object.keys(labels).filter(name => {
    const isOdd = Number(/\d+$/.exec(name)?.[0] ?? 1) % 2 === 1
    return options.half === 'all' || isOdd === (options.half === 'odd')
  })
  const scored = []
  for (const name of half) scored.push(await scoreCase(name, join(set, name), labels[name]))
  return scored
}

async function scoreCase(name, folder, { cause, kind, also = [], window }) {
  const { outcome, findings, incident } = diagnose(await readBundle(folder), 0)
  const named = outcome === 'diagnosed' ? findings : []
  return {
    name,
    truth: [cause, ...also],
    kind,
    outcome,
    causes: [...new Set(named.map(finding => finding.cause))],
    firstKind: named[0]?.kind,
    confidence: named[0]?.confidence ?? 0,
    overlap: window ? overlap(incident, window) : undefined,
    found:
      incident && [incident.from, incident.to].map(t => new Date(t).toISOString().slice(14, 19)).join('–'),
    asked: window && [window.from, window.to].map(t => t.slice(14, 19)).join('–'),
    scores: findings.map(finding => `${finding.cause} ${finding.confidence.toFixed(2)}`),
  }
}

/** Intersection over union of the incident found and the one that was labelled; 0 without one. */
function overlap(incident, window) {
  if (!incident) return 0
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)]
  const both = Math.max(0, Math.min(to, incident.to) - Math.max(from, incident.from))
  return both / (to - from + (incident.to - incident.from) - both)
}

function print(name, scored) {
  const summary = summarise(scored)
  console.log(
    `\n${name}: ${scored.length} cases${options.half === 'all' ? '' : ` (${options.half} numbers)`}`,
  )
  if (options.cases && name !== ALL) {
    const rows = scored.map(each => [
      each.name,
      each.asked ?? '',
      each.found ?? '',
      each.overlap?.toFixed(2) ?? '',
      each.truth[0],
      each.outcome,
      each.scores.join(', '),
    ])
    console.log(`${table(['case', 'asked', 'found', 'IoU', 'truth', 'outcome', 'findings'], rows)}`)
  }
  console.log(`${confusion(scored, table)}`)
  console.log(`${table(['', 'reached', '95 % interval', 'asked'], summary.rows)}`)
}

function table(head, rows) {
  const made = new Table({ head, style: { head: [], border: [] } })
  made.push(...rows)
  return made.toString()
}
