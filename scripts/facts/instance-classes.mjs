// Refreshes src/aws/catalog/data/classes-*.ts: what EC2 says of the machines behind the RDS classes.
//
//   node scripts/facts/instance-classes.mjs [--add db.m9g.large,…]     AWS credentials, ec2:DescribeInstanceTypes
//
// RDS has no call that tells a class's hardware: a class is the EC2 type behind `db.` (db.x2g is x2gd). The classes are
// those that are in the files and those that --add names; which ones an engine offers, RDS says at run time
// (DescribeOrderableDBInstanceOptions). CPU credits an hour are from the table of the EC2 user guide:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
const { EC2Client, paginateDescribeInstanceTypes } = await import('@aws-sdk/client-ec2')

/** T classes: credits an hour. They accrue for 24 hours; the baseline of a vCPU is credits ÷ vCPUs ÷ 60. */
const CREDITS = {
  't2.micro': 6,
  't2.small': 12,
  't2.medium': 24,
  't2.large': 36,
  't2.xlarge': 54,
  't2.2xlarge': 81.6,
  micro: 12,
  small: 24,
  medium: 24,
  large: 36,
  xlarge: 96,
  '2xlarge': 192,
}
const FILES = { general: /^db\.[mt]/, memory: /^db\.r/, special: /^db\.[cxz]/ }

const { values } = parseArgs({ options: { add: { type: 'string', default: '' } } })
const lines = Object.keys(FILES).flatMap(name => readFileSync(fileOf(name), 'utf8').match(/^db\..*/gm) ?? [])
const known = new Map(lines.map(line => [line.split(' ', 1)[0], line]))
const wanted = new Set([...known.keys(), ...values.add.split(',').filter(Boolean)])
const types = await instanceTypes(new EC2Client({}))
const rows = [...wanted]
  .sort()
  .flatMap(name => rowOf(name, types.get(ec2NameOf(name))) ?? known.get(name) ?? [])
const missing = [...wanted].filter(name => !types.has(ec2NameOf(name)))
if (missing.length > 0) console.error(`not known to EC2, left as they are: ${missing.join(', ')}`)
for (const [name, pattern] of Object.entries(FILES)) {
  const own = rows.filter(row => pattern.test(row))
  writeFileSync(fileOf(name), page(name, own))
  console.log(`${name}: ${own.length} classes`)
}

function fileOf(name) {
  return fileURLToPath(new URL(`../../src/aws/catalog/data/classes-${name}.ts`, import.meta.url))
}

function ec2NameOf(name) {
  return name.replace(/^db\./, '').replace(/^x2g\./, 'x2gd.')
}

async function instanceTypes(client) {
  const found = new Map()
  for await (const { InstanceTypes = [] } of paginateDescribeInstanceTypes({ client }, {}))
    for (const type of InstanceTypes) found.set(type.InstanceType, type)
  return found
}

function rowOf(name, type) {
  if (!type) return undefined
  const cards = type.NetworkInfo?.NetworkCards ?? []
  const network = of => cards.reduce((sum, card) => sum + (card[of] ?? 0), 0)
  const ebs = type.EbsInfo?.EbsOptimizedInfo ?? {}
  return [
    name,
    type.VCpuInfo.DefaultVCpus,
    type.MemoryInfo.SizeInMiB / 1024,
    number(network('BaselineBandwidthInGbps')),
    number(network('PeakBandwidthInGbps')),
    number(ebs.BaselineThroughputInMBps),
    number(ebs.MaximumThroughputInMBps),
    number(ebs.BaselineIops),
    number(ebs.MaximumIops),
    creditsOf(name),
  ].join(' ')
}

function creditsOf(name) {
  const [, family, size] = /^db\.(t\w+)\.(\w+)$/.exec(name) ?? []
  return family ? (family === 't2' ? CREDITS[`t2.${size}`] : CREDITS[size]) : '-'
}

function number(value) {
  return value ? Math.round(value * 1e4) / 1e4 : '-'
}

function page(name, own) {
  return `// Hardware of the RDS classes, ${name}. Source: EC2 DescribeInstanceTypes, ${new Date().toISOString().slice(0, 10)}; refreshed by scripts/facts/instance-classes.mjs.

/** class, vCPUs, GiB, network Gbit/s (baseline, peak), EBS MB/s (baseline, peak), EBS IOPS (baseline, peak), credits/h */
export const ${name.toUpperCase()} = \`
${own.join('\n')}
\`
`
}
