import { expect, test } from 'vitest'
import { bundleUrl, isRdsHost, isVerifiedByDefault, rdsRegion, trustIn } from './trust.ts'

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

test('who is verified where nothing is said', () => {
  const wish = (host: string, rest: { root?: string; iam?: boolean } = {}) => ({ host, iam: false, ...rest })
  expect(isVerifiedByDefault(wish(RDS))).toBe(true)
  expect(isVerifiedByDefault(wish('db.example'))).toBe(false)
  expect(isVerifiedByDefault(wish('db.example', { root: '/ca.pem' }))).toBe(true)
  expect(isVerifiedByDefault(wish('db.example', { iam: true }))).toBe(true)
  expect(isVerifiedByDefault(wish('/var/run/postgresql', { root: '/ca.pem' }))).toBe(false)
})

test('whose signature counts', () => {
  const elsewhere = { host: 'db.example', iam: false }
  const named = { ...elsewhere, root: '/ca.pem' }
  expect(trustIn(elsewhere, 'none', true)).toEqual({ verify: 'none', authorities: 'system' })
  expect(trustIn(named, 'none', true)).toEqual({ verify: 'chain', authorities: { file: '/ca.pem' } })
  expect(trustIn(named, 'none', false)).toMatchObject({ verify: 'none' })
  expect(trustIn({ ...elsewhere, root: 'system' }, 'none', false)).toEqual({
    verify: 'name',
    authorities: 'system',
  })
  expect(trustIn({ host: RDS, iam: false }, 'chain', true)).toEqual({ verify: 'chain', authorities: 'rds' })
  expect(trustIn({ ...elsewhere, iam: true }, 'name', true)).toMatchObject({ authorities: 'rds' })
  // The operator's own authority stands in for those of RDS.
  expect(trustIn({ ...named, host: RDS }, 'name', true)).toMatchObject({ authorities: { file: '/ca.pem' } })
})
