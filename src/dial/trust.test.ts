import { expect, test } from 'vitest'
import { bundleUrl, isRdsHost, rdsRegion } from './trust.ts'

const RDS = 'orders.c9akciq32.eu-west-1.rds.amazonaws.com'

test.each([
  [RDS, 'eu-west-1'],
  ['ORDERS.C9AKCIQ32.EU-WEST-1.RDS.AMAZONAWS.COM', 'eu-west-1'],
  [`${RDS}.`, 'eu-west-1'],
  ['c.cluster-c9akciq32.us-gov-west-1.rds.amazonaws.com', 'us-gov-west-1'],
  ['c.cluster-ro-c9akciq32.ap-southeast-7.rds.amazonaws.com', 'ap-southeast-7'],
  ['p.proxy-c9akciq32.mx-central-1.rds.amazonaws.com', 'mx-central-1'],
  ['p.endpoint.proxy-c9akciq32.il-central-1.rds.amazonaws.com', 'il-central-1'],
  ['orders.c9akciq32.rds.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['orders.c9akciq32.cn-northwest-1.rds.amazonaws.com.cn', 'cn-northwest-1'],
])('%s is RDS in %s', (host, region) => {
  expect(isRdsHost(host)).toBe(true)
  expect(rdsRegion(host)).toBe(region)
})

test.each([
  'localhost',
  '127.0.0.1',
  'eu-west-1.rds.amazonaws.com',
  'orders.eu-west-1.rds.amazonaws.com.evil.example',
  'orders.eu-west-1.rds.amazonaws.org',
  'xrds.amazonaws.com',
  'db.eu-west-1.redshift.amazonaws.com',
  '/tmp/x.eu-west-1.rds.amazonaws.com',
])('%s is not RDS', host => {
  expect(isRdsHost(host)).toBe(false)
  expect(rdsRegion(host)).toBeUndefined()
})

test.each([
  ['ca-west-1', 'https://truststore.pki.rds.amazonaws.com/ca-west-1/ca-west-1-bundle.pem'],
  [
    'us-gov-east-1',
    'https://truststore.pki.us-gov-west-1.rds.amazonaws.com/us-gov-east-1/us-gov-east-1-bundle.pem',
  ],
  ['cn-north-1', 'https://rds-truststore.s3.cn-north-1.amazonaws.com.cn/cn-north-1/cn-north-1-bundle.pem'],
])('the bundle of %s', (region, url) => {
  expect(bundleUrl(region)).toBe(url)
})
