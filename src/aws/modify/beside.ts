// What somebody wants beside an instance: a client let in, a replica, a proxy; out of `--set`, or out of the steps of a plan.
import { AppError, type Step } from '../../model/index.ts'
import type { ProxyWish } from './proxy.ts'
import type { ReplicaWish } from './replica.ts'
import { type RuleWish, ruleSource } from './rule.ts'

export interface BesideWishes {
  rule?: RuleWish
  replicas?: ReplicaWish[]
  proxy?: ProxyWish
}

type Settings = Record<string, string>

/** The main word of each, and those that say it more exactly. */
const WORDS: Record<string, readonly string[]> = {
  allow: ['allow_group'],
  replica: ['replica_tier'],
  proxy: [
    ...['proxy_size', 'proxy_percent', 'proxy_borrow'],
    ...['proxy_secret', 'proxy_role', 'proxy_subnets', 'proxy_tls'],
  ],
}

export const isBeside = (name: string): boolean =>
  Object.entries(WORDS).some(([main, more]) => name === main || more.includes(name))

/** Throws AppError `option-invalid`. */
export function besideOf(settings: Settings): BesideWishes {
  for (const [main, more] of Object.entries(WORDS))
    for (const name of more)
      if (name in settings && !(main in settings))
        throw new AppError('option-invalid', `${name} says more of ${main}`, `Give --set ${main}=… as well.`)
  return {
    ...('allow' in settings ? { rule: ruleOf(settings) } : {}),
    ...('replica' in settings ? { replicas: replicasOf(settings) } : {}),
    ...('proxy' in settings ? { proxy: proxyOf(settings) } : {}),
  }
}

function ruleOf({ allow = '', allow_group: group }: Settings): RuleWish {
  const source = ruleSource(allow.trim())
  if (source === undefined) throw invalid('allow', allow, 'an address, or the id of a security group')
  return { source, ...(group === undefined ? {} : { group: group.trim() }) }
}

/** One, or several by their names. */
function replicasOf(settings: Settings): ReplicaWish[] {
  const tier = whole(settings, 'replica_tier', 'tier')
  return (settings.replica ?? '').split(',').map(name => ({ ...named('replica', name), ...tier }))
}

function proxyOf(settings: Settings): ProxyWish {
  const { proxy_subnets: subnets, proxy_size: size, proxy_percent: percent } = settings
  if (size !== undefined && percent !== undefined)
    throw invalid('proxy_percent', percent, 'the place of proxy_size: give one of them')
  return {
    ...named('proxy', settings.proxy ?? ''),
    ...whole(settings, 'proxy_size', 'size'),
    ...whole(settings, 'proxy_percent', 'percent'),
    ...whole(settings, 'proxy_borrow', 'borrowS'),
    ...text(settings, 'proxy_secret', 'secret'),
    ...text(settings, 'proxy_role', 'role'),
    ...tlsOf(settings),
    ...(subnets === undefined ? {} : { subnets: subnets.split(',').map(one => one.trim()) }),
  }
}

function tlsOf({ proxy_tls: said }: Settings): { tls?: boolean } {
  if (said === undefined) return {}
  const word = said.trim()
  if (word !== 'yes' && word !== 'no') throw invalid('proxy_tls', said, 'yes or no')
  return { tls: word === 'yes' }
}

/** A name, or yes for one that is free. */
function named(word: string, said: string): { name?: string } {
  const name = said.trim().toLowerCase()
  if (name === 'yes') return {}
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw invalid(word, name, 'a name, or yes for one that is free')
  return { name }
}

function whole<K extends string>(settings: Settings, word: string, member: K): Partial<Record<K, number>> {
  const said = settings[word]?.trim()
  if (said === undefined) return {}
  if (!/^\d{1,6}$/.test(said)) throw invalid(word, said, 'a whole number')
  return { [member]: Number(said) } as Record<K, number>
}

const text = <K extends string>(settings: Settings, word: string, member: K): Partial<Record<K, string>> =>
  settings[word] === undefined ? {} : ({ [member]: settings[word].trim() } as Record<K, string>)

const invalid = (name: string, said: string, what: string): AppError =>
  new AppError(
    'option-invalid',
    `${name}=${said}: it takes ${what}`,
    'For example --set allow=10.0.0.5, --set replica=yes, --set proxy=yes.',
  )

/** Undefined for a step that is another's. Throws AppError `plan-impossible`. */
export function besideOfStep({ what, after }: Step): BesideWishes | undefined {
  const name = typeof after === 'string' ? after : undefined
  if (what.kind === 'security-group-rule') {
    const source = name === undefined ? undefined : ruleSource(name)
    if (source === undefined)
      throw new AppError('plan-impossible', `${name} is no client`, 'Name its address: --set allow=ADDRESS.')
    const { port, group } = what
    return { rule: { source, port, ...(group === undefined ? {} : { group }) } }
  }
  const named = name === undefined ? {} : { name }
  if (what.kind === 'read-replica') return { replicas: [{ ...named, ...rest(what) }] }
  if (what.kind === 'proxy') return { proxy: { ...named, ...rest(what) } }
  return undefined
}

const rest = <W extends { kind: string }>({ kind: _, ...more }: W): Omit<W, 'kind'> => more
