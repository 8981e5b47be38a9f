// Who asks AWS, and where: region, profile, role. The credentials themselves are the SDK's to find.

export interface Identity {
  region?: string
  /** Of the shared AWS configuration. */
  profile?: string
  /** A role to assume with those credentials. */
  roleArn?: string
}

/** The first that is known; without any, the SDK asks the profile. */
export const regionOf = (...candidates: (string | undefined)[]): { region?: string } => {
  const region = candidates.find(Boolean)
  return region === undefined ? {} : { region }
}

/** Whether AWS could have a region of that name; which there are changes. */
export const isRegion = (text: string): boolean => /^[a-z]{2,3}(?:-[a-z]+)+-\d{1,2}$/.test(text)

/** In the words of the SDK's clients, the signer's included. */
export async function sdkIdentity({ region, profile, roleArn }: Identity) {
  return {
    ...regionOf(region),
    ...(profile === undefined ? {} : { profile }),
    ...(roleArn === undefined ? {} : { credentials: await assumed(roleArn, profile, region) }),
    logger: SILENT,
  }
}

/** It would tell every user of Node 20 that later versions of it want Node 22. */
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

/** It would tell of two sources of credentials where --profile chooses one of them. */
const nothing = () => undefined
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }

async function assumed(roleArn: string, profile: string | undefined, region: string | undefined) {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  return fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: 'spillway', DurationSeconds: 900 },
    masterCredentials: fromNodeProviderChain(profile === undefined ? {} : { profile }),
    clientConfig: regionOf(region),
  })
}
