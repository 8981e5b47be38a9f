// Writes docs/cost.md out of result/*.json: npm run bench:page. Every number in it was measured by the bench named above it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const here = new URL('./', import.meta.url)
const read = file => JSON.parse(readFileSync(new URL(`result/${file}`, here), 'utf8'))
const results = readdirSync(new URL('result/', here))
  .filter(file => file.endsWith('.json'))
  .sort()
  .map(read)

const cell = value => String(value).replaceAll('|', '\\|')

const section = ({ name, date, machine, versions, rows }) => `## ${name}

    npm run bench -- ${name}

| claim | measured | asked | |
|---|---|---|---|
${rows
  .map(
    ({ claim, measured, unit = '', asked, ok }) =>
      `| ${cell(claim)} | ${cell(`${measured} ${unit}`.trim())} | ${cell(asked)} | ${ok ? 'ok' : '**missed**'} |`,
  )
  .join('\n')}

${date.slice(0, 10)}, commit ${versions.commit}, ${machine.cores} cores (${machine.cpu}), Node ${versions.node.slice(1)}.
`

const rows = results.flatMap(result => result.rows)
const page = `# What watching costs, and how true it is

Written by \`npm run bench:page\` from what \`npm run bench\` measured last ([how](../bench/README.md)). Ratios, measured side by
side in one run, on a machine that other work shares; ${rows.filter(({ ok }) => ok).length} of ${rows.length} claims held.

Where a sample misses its share: a statement that comes once a second finds the caches of the processor cold, and costs two to
three times what it costs back to back. To ask PostgreSQL for one time of each of 400 sessions, and for nothing else, takes most
of what such a sample takes: the floor that the bench prints. MariaDB without its performance schema has the process list and nothing cheaper.

${results.map(section).join('\n')}`
writeFileSync(new URL('../docs/cost.md', here), page)
