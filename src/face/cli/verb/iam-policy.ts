// spillway iam-policy: the least policy for what Spillway calls, to be attached to a role or user.
import { EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'

export async function iamPolicy(
  context: Context,
  { login, apply }: { login?: boolean; apply?: boolean },
): Promise<number> {
  const app = await context.app()
  const purpose = apply ? 'apply' : login ? 'login' : 'read'
  context.print(JSON.stringify(await app.iamPolicy(purpose), undefined, 2))
  return EXIT.fine
}
