// Compares the names of counters with those that Performance Insights has of a database.
//
//   node scripts/facts/counters.mjs db-RESOURCEID [postgres|mysql|mariadb]     after npm run build
//
// AWS credentials and region as usual, pi:ListAvailableResourceMetrics. Names that are missing are no mistake by themselves: not
// each version has each counter (Aurora has no `rdsdev`). Exit 1 where none is known, so where the names are out of date.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
const { PIClient, paginateListAvailableResourceMetrics } = await import('@aws-sdk/client-pi')
const { countersFor } = await import('../../dist/aws/insights/table.js')

const [resourceId, engine = 'postgres'] = process.argv.slice(2)
if (resourceId === undefined) {
  console.error('usage: node scripts/facts/counters.mjs db-RESOURCEID [postgres|mysql|mariadb]')
  process.exit(64)
}
const asked = { ServiceType: 'RDS', Identifier: resourceId, MetricTypes: ['db', 'os'] }
const there = new Set()
for await (const { Metrics = [] } of paginateListAvailableResourceMetrics(
  { client: new PIClient({}) },
  asked,
))
  for (const { Metric } of Metrics) there.add(Metric)
const names = countersFor(engine, engine).map(([name]) => name)
const missing = names.filter(name => !there.has(name))
for (const name of missing) console.log(`not there: ${name}`)
console.log(`${names.length - missing.length} of ${names.length} counters are there`)
process.exitCode = missing.length === names.length ? 1 : 0
