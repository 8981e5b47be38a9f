// How much TLS a target wants, whatever its engine calls it, and what that is where it says nothing.
import type { AwsLogin } from './choice.ts'
import { unparsable } from './number.ts'
import { isRdsHost, type Trust, type Verification } from './trust.ts'

export interface Mode {
  /** Whether it connects without TLS: always, where the server has none, never. */
  plain: 'always' | 'may' | 'never'
  verify: Verification
}

/** An engine's own names. */
export interface Modes<Name extends string> {
  /** What the parameter is called. */
  parameter: string
  names: Record<Name, Mode>
  /** The default that believes anybody, and the one that checks everything. */
  trusting: Name
  full: Name
}

/** What decides where nothing is said. */
interface Wish {
  host: string
  /** PEM file of the authorities; `system` for those of Node, with every check. */
  authority?: string
  aws: AwsLogin
}

/**
 * Where nothing is said: every check for RDS, whose authorities are known, for a token of IAM, and where an authority is
 * named; elsewhere, none. Throws AppError `target-unparsable`.
 */
export const modeOf = <Name extends string>(
  { parameter, names, trusting, full }: Modes<Name>,
  text: string | undefined,
  { host, authority, aws }: Wish,
): Name => {
  if (text === undefined) {
    const isKnown = !host.startsWith('/') && (isRdsHost(host) || aws.iam || authority !== undefined)
    return isKnown ? full : trusting
  }
  const mode = (Object.keys(names) as Name[]).find(name => name === text)
  if (mode === undefined) throw unparsable(`unknown ${parameter}`, `one of ${Object.keys(names).join(', ')}`)
  if (aws.iam && names[mode].plain !== 'never') {
    throw unparsable('a token of IAM goes over TLS only', `leave ${parameter} out, for ${full}`)
  }
  return mode
}

/** As libpq has it, a mode that insists on TLS and checks nothing does check who signed when an authority is named. */
export const trustIn = ({ host, authority, aws }: Wish, { plain, verify }: Mode): Trust => {
  if (authority === 'system') return { verify: 'name', authorities: 'system' }
  if (authority === undefined) return { verify, authorities: isRdsHost(host) || aws.iam ? 'rds' : 'system' }
  const signed = verify === 'none' && plain === 'never' ? 'chain' : verify
  return { verify: signed, authorities: { file: authority } }
}
