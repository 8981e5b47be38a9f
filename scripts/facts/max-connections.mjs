// Compares Aurora MySQL's default max_connections with the table of AWS's page.
//
//   node scripts/facts/max-connections.mjs PAGE     after npm run build
//
// PAGE is the text of https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Performance.html,
// saved by hand: any text in which a class is followed by its number. Exit 1 where a number differs.
import { readFileSync } from 'node:fs'
import { auroraMysqlConnections } from '../../dist/aws/catalog/max-connections.js'

const [page] = process.argv.slice(2)
if (page === undefined) {
  console.error('usage: node scripts/facts/max-connections.mjs PAGE')
  process.exit(64)
}
const rows = [...readFileSync(page, 'utf8').matchAll(/\b(db\.[a-z]\w*\.\w+)\W+(\d[\d,]*)\b/g)]
const wrong = rows.flatMap(([, instanceClass, number]) => {
  const theirs = Number(number.replaceAll(',', ''))
  const ours = auroraMysqlConnections({ instanceClass })
  return ours === theirs
    ? []
    : [`${instanceClass}: the page has ${theirs}, the catalogue ${ours ?? 'nothing'}`]
})
for (const line of wrong) console.log(line)
console.log(`${rows.length - wrong.length} of ${rows.length} classes agree`)
process.exitCode = wrong.length > 0 || rows.length === 0 ? 1 : 0
