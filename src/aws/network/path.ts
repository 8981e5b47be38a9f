// Whether a client reaches the port: every gate on the way, and what is missing where one is shut. AWS drops, it does not refuse.
import { contains, isAddress, isLinkLocal, isPrivate } from './address.ts'
import type { NetworkFacts } from './facts.ts'

export interface Gate {
  gate: 'security-group' | 'network-acl' | 'route' | 'public-access' | 'dns' | 'subnet' | 'client'
  /** Undefined where it cannot be told. */
  open: boolean | undefined
  message: string
}

/** `client`: an address or the id of a security group. Without one, only what shuts out everybody. */
export function gatesOf(facts: NetworkFacts, client: string | undefined): Gate[] {
  const address = client !== undefined && isAddress(client) ? client : undefined
  return [
    groupGate(facts, client),
    ...dnsGates(facts),
    ...facts.subnets
      .filter(({ free }) => free === 0)
      .map(
        ({ id }): Gate => ({
          gate: 'subnet',
          open: undefined,
          message: `subnet ${id} has no free address: a proxy or a standby finds no room`,
        }),
      ),
    ...(address === undefined
      ? []
      : [
          ...publicGates(facts, address),
          ...facts.acls.flatMap(acl => aclGates(acl, facts.port, address)),
          ...facts.tables.map(table => routeGate(table, address)),
        ]),
  ]
}

/** Any rule of any group is enough. */
function groupGate({ groups, port }: NetworkFacts, client: string | undefined): Gate {
  const ids = groups.map(({ id }) => id).join(', ')
  const rules = groups
    .flatMap(({ rules }) => rules)
    .filter(({ ports }) => port >= ports.from && port <= ports.to)
  const say = (open: boolean | undefined, message: string): Gate => ({
    gate: 'security-group',
    open,
    message,
  })
  if (rules.length === 0)
    return say(
      false,
      `no ingress rule of ${ids || 'any security group'} is for TCP ${port}: nobody gets through`,
    )
  if (client === undefined) return say(true, `${ids} has ingress rules for TCP ${port}`)
  const lets = rules.some(
    ({ cidrs, groupIds }) => groupIds.includes(client) || cidrs.some(cidr => contains(cidr, client)),
  )
  if (lets) return say(true, `${ids} lets ${client} in to TCP ${port}`)
  const lists = [...new Set(rules.flatMap(({ prefixLists }) => prefixLists))]
  if (lists.length > 0)
    return say(
      undefined,
      `${ids} lets in TCP ${port} from ${lists.join(', ')}; whether ${client} is in it is not known`,
    )
  return say(false, `${ids} has no ingress rule for TCP ${port} from ${client}: add one`)
}

/** A public instance needs both; the name of a private one is in public DNS, but somebody has to ask for it. */
function dnsGates({ dns, isPublic }: NetworkFacts): Gate[] {
  const off = dns.resolves ? (isPublic && !dns.names ? 'enableDnsHostnames' : undefined) : 'enableDnsSupport'
  return off === undefined
    ? []
    : [
        {
          gate: 'dns',
          open: false,
          message: `${off} of the VPC is off: the endpoint's name does not resolve in it`,
        },
      ]
}

function publicGates({ isPublic }: NetworkFacts, address: string): Gate[] {
  if (isLinkLocal(address))
    return [{ gate: 'client', open: false, message: `RDS takes no clients from 169.254.0.0/16: ${address}` }]
  if (isPublic || isPrivate(address)) return []
  return [
    {
      gate: 'public-access',
      open: false,
      message: `the instance is not publicly accessible: its name gives a private address, which ${address} cannot reach`,
    },
  ]
}

/** The ports that answers go back to. */
const EPHEMERAL = { from: 1_024, to: 65_535 }

/** The first rule that fits decides; without one it is shut. Both ways, because it keeps no state. */
function aclGates({ id, rules }: NetworkFacts['acls'][number], port: number, address: string): Gate[] {
  const first = (egress: boolean, from: number, to: number) =>
    rules.find(
      rule =>
        rule.egress === egress &&
        rule.ports.from <= from &&
        rule.ports.to >= to &&
        contains(rule.cidr, address),
    )
  const [inward, outward] = [first(false, port, port), first(true, EPHEMERAL.from, EPHEMERAL.to)]
  const say = (rule: typeof inward, what: string): Gate => ({
    gate: 'network-acl',
    open: rule?.allow ?? false,
    message: rule?.allow
      ? `${id} lets ${what} pass (rule ${rule.number})`
      : `${id} ${rule ? `denies ${what} by rule ${rule.number}` : `has no rule for ${what}`}`,
  })
  return [
    say(inward, `TCP ${port} from ${address}`),
    say(outward, `the answers to ${address} (TCP ${EPHEMERAL.from}-${EPHEMERAL.to})`),
  ]
}

/** The most specific route counts. */
function routeGate({ id, routes }: NetworkFacts['tables'][number], address: string): Gate {
  const length = (cidr: string) => Number(cidr.split('/')[1] ?? 0)
  const [route] = routes.filter(({ to }) => contains(to, address)).sort((a, b) => length(b.to) - length(a.to))
  const say = (open: boolean, message: string): Gate => ({ gate: 'route', open, message })
  if (!route) return say(false, `${id} has no route to ${address}: answers do not find back`)
  if (!route.active)
    return say(false, `the route of ${id} to ${route.to} leads nowhere (${route.via} is gone)`)
  if (!isPrivate(address) && !route.via.startsWith('igw-'))
    return say(
      false,
      `${id} sends answers for ${address} to ${route.via || 'nowhere'}, not to an internet gateway`,
    )
  return say(true, `${id} routes answers for ${address} over ${route.via || 'local'}`)
}
