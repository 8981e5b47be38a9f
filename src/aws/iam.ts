// IAM database authentication: the password is a request, signed for one user of one endpoint, good for 15 minutes.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
import { rdsRegion, within } from '../dial/index.ts'
import type { LoginSource } from '../model/index.ts'
import { awsFailure } from './account/failure.ts'
import { type Identity, regionOf, sdkIdentity } from './account/identity.ts'

export interface IamUser extends Identity {
  /** The endpoint as AWS names it: the token is good for no other name of it. */
  host: string
  port: number
  user: string
}

/** Longest time that finding credentials and signing may take, milliseconds. */
const TOKEN_MS = 10_000

/** A fresh token for every login. `login` throws AppError `credentials-missing`, `option-invalid` or `no-answer`. */
export const iamLogin = (who: IamUser, env: NodeJS.ProcessEnv): LoginSource => {
  let loaded: ReturnType<typeof signerFor> | undefined
  return {
    kind: 'iam',
    login: async signal => {
      loaded ??= signerFor(who, env)
      const token = loaded.then(signer => signer.getAuthToken())
      try {
        return { user: who.user, password: await within(TOKEN_MS, signal, token, () => undefined) }
      } catch (error) {
        signal?.throwIfAborted()
        throw awsFailure(error, `a token of IAM for ${who.user}`, who.region ?? 'its region')
      }
    },
    // Another token would be refused for the same reason.
    renewed: async () => undefined,
  }
}

/** Kept, because it keeps the credentials it found until they expire. */
const signerFor = async (who: IamUser, env: NodeJS.ProcessEnv) => {
  const { Signer } = await import('@aws-sdk/rds-signer')
  const where = regionOf(who.region, rdsRegion(who.host), env.AWS_REGION, env.AWS_DEFAULT_REGION)
  return new Signer({
    // The signature covers the letters; DNS does not care.
    hostname: who.host.toLowerCase().replace(/\.$/, ''),
    port: who.port,
    username: who.user,
    ...(await sdkIdentity({ ...who, ...where })),
  })
}
