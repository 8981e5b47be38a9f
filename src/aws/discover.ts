// Which databases of RDS there are in a region, all of them or those with certain tags.
import type { DBInstance } from '@aws-sdk/client-rds'
import { AppError } from '../model/index.ts'
import type { Identity } from './account/identity.ts'
import { Account } from './account/index.ts'

export interface Discovered {
  /** To be given to any verb. */
  target: string
  /** As AWS writes it: `postgres`, `aurora-mysql`, `sqlserver-se`. */
  product: string
  version: string
  instanceClass: string
  status: string
  /** Of the cluster it belongs to. */
  cluster?: string
}

const PAGE = 100
const MAX_PAGES = 50

/** `tags`: `KEY=VALUE`, or `KEY` for any value; all of them have to fit. In order of name. Throws AppError. */
export async function discover(
  tags: readonly string[],
  identity: Identity,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<Discovered[]> {
  const wanted = tags.map(tagOf)
  const account = new Account(identity, env)
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds')
  const found: Discovered[] = []
  try {
    let Marker: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new DescribeDBInstancesCommand({ MaxRecords: PAGE, Marker })
      const answer = await account.call('rds:DescribeDBInstances', (rds, o) => rds.send(command, o), signal)
      for (const raw of answer.DBInstances ?? [])
        if (wanted.every(tag => has(raw, tag))) found.push(listed(raw))
      Marker = answer.Marker
      if (!Marker) break
    }
  } finally {
    account.close()
  }
  return found.sort((a, b) => (a.target < b.target ? -1 : 1))
}

interface Tag {
  key: string
  value?: string
}

function tagOf(text: string): Tag {
  const [key = '', ...rest] = text.split('=')
  if (key === '')
    throw new AppError(
      'option-invalid',
      `--tag: ${JSON.stringify(text)} is no tag`,
      'Give KEY=VALUE, or KEY for any value: --tag team=orders.',
    )
  return rest.length === 0 ? { key } : { key, value: rest.join('=') }
}

const has = ({ TagList = [] }: DBInstance, { key, value }: Tag): boolean =>
  TagList.some(tag => tag.Key === key && (value === undefined || tag.Value === value))

function listed(raw: DBInstance): Discovered {
  const { DBInstanceIdentifier: id = '', DBInstanceArn: arn = '', DBClusterIdentifier: cluster } = raw
  const region = /^arn:[^:]+:rds:([^:]+):/.exec(arn)?.[1]
  return {
    target: region === undefined ? `rds:${id}` : `rds:${id}@${region}`,
    product: raw.Engine ?? 'unknown',
    version: raw.EngineVersion ?? '',
    instanceClass: raw.DBInstanceClass ?? '',
    status: raw.DBInstanceStatus ?? 'unknown',
    ...(cluster === undefined ? {} : { cluster }),
  }
}
