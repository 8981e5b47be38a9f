// spillway iam-policy: the least policy for what Spillway calls, to be attached to a role or user.
import { AppError, EXIT } from '../../../model/index.ts'
import type { Context } from '../context.ts'

export async function iamPolicy(
  context: Context,
  { login, apply }: { login?: boolean; apply?: boolean },
): Promise<number> {
  const app = await context.app()
  if (apply)
    throw new AppError(
      'option-invalid',
      'no AWS call of this version changes anything: there is nothing to permit',
      'spillway iam-policy --read prints what a diagnosis needs.',
    )
  context.print(JSON.stringify(await app.iamPolicy(login ? 'login' : 'read'), undefined, 2))
  return EXIT.fine
}
