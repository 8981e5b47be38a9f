// spillway targets: the RDS databases of a region, all or by tag, as targets for the other verbs.
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'
import { json } from '../json.ts'

interface Options {
  tag?: string[]
  region?: string
  profile?: string
  roleArn?: string
  json?: boolean
}

export async function targets(
  context: Context,
  { tag = [], json: asJson, region, profile, roleArn }: Options,
): Promise<number> {
  const app = await context.app()
  const identity = {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(roleArn === undefined ? {} : { roleArn }),
  }
  const found = await app.discover(tag, identity, context.signal)
  if (asJson) {
    context.print(json(found))
    return EXIT.fine
  }
  const width = Math.max(0, ...found.map(({ target }) => target.length))
  for (const { target, product, version, instanceClass, status, cluster } of found)
    context.print(
      [
        target.padEnd(width),
        `${product} ${version}`.trim(),
        instanceClass,
        status,
        cluster === undefined ? '' : `of cluster ${cluster}`,
      ]
        .filter(Boolean)
        .join('  '),
    )
  if (found.length === 0)
    context.tell(tag.length > 0 ? 'no database has these tags' : 'there is no database here')
  return EXIT.fine
}
