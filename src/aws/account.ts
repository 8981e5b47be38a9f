// Which account, region and credentials are meant. The credentials themselves are the SDK's to find.

/** It would tell every user of Node 20 that later versions of it want Node 22. */
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

export interface Account {
  region?: string
  /** Of the shared AWS configuration. */
  profile?: string
}

/** The first that is known; without any, the SDK asks the profile. */
export const regionOf = (...candidates: (string | undefined)[]): { region?: string } => {
  const region = candidates.find(Boolean)
  return region === undefined ? {} : { region }
}

export const profileOf = ({ profile }: Account): { profile?: string } =>
  profile === undefined ? {} : { profile }
