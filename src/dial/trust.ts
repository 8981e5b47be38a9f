// Who is believed to be the server: the checks of a certificate, and the hosts whose authorities are known beforehand.

/** How a certificate is checked: not at all, who signed it, or also the name in it. */
export type Verification = 'none' | 'chain' | 'name'

export interface Trust {
  verify: Verification
  /** `system` those of Node, `rds` those of Amazon RDS, or a PEM file. */
  authorities: 'system' | 'rds' | { file: string }
}

const REGION = '[a-z]{2}(?:-[a-z]+)+-\\d'
/** In China the region stands after `rds`, or before it in older names. */
const RDS_HOST = new RegExp(
  `^[a-z0-9.-]+\\.(?:(${REGION})\\.rds\\.amazonaws\\.com(?:\\.cn)?|rds\\.(${REGION})\\.amazonaws\\.com\\.cn)\\.?$`,
  'i',
)

/** An endpoint of an instance, a cluster or a proxy on RDS or Aurora; not a name of one's own that points to it. */
export const isRdsHost = (host: string): boolean => rdsRegion(host) !== undefined

/** `eu-west-1` of `orders.abc123.eu-west-1.rds.amazonaws.com`. */
export const rdsRegion = (host: string): string | undefined => {
  const [, before, after] = RDS_HOST.exec(host) ?? []
  return (before ?? after)?.toLowerCase()
}

/**
 * Where AWS publishes the authorities of a region.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
export const bundleUrl = (region: string): string => {
  const store = region.startsWith('cn-')
    ? 'rds-truststore.s3.cn-north-1.amazonaws.com.cn'
    : region.startsWith('us-gov-')
      ? 'truststore.pki.us-gov-west-1.rds.amazonaws.com'
      : 'truststore.pki.rds.amazonaws.com'
  return `https://${store}/${region}/${region}-bundle.pem`
}
