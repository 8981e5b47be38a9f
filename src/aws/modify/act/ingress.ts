// One rule of a security group, added and revoked; its description says whose it is, so that only an own one is revoked.
import type { IpPermission } from '@aws-sdk/client-ec2'
import { isAddress } from '../../network/address.ts'
import { groupsNamed } from '../rule.ts'
import { type Doing, type Of, same } from './doing.ts'

export const ingress: Doing<'ingress'> = {
  async look(account, { call, after }, signal) {
    const [found] = await groupsNamed(account, [call.group], signal)
    const rule = (found?.IpPermissions ?? []).filter(one => isFor(one, call.port))
    const described = rule.flatMap(one => sourcesOf(one)).find(({ source }) => source === call.source)
    const name = Object.keys(after)[0]!
    return same({ [name]: described === undefined ? null : described.description })
  },
  async send(account, operation, signal) {
    const { AuthorizeSecurityGroupIngressCommand, RevokeSecurityGroupIngressCommand } = await import(
      '@aws-sdk/client-ec2'
    )
    const [description] = Object.values({ ...operation.after, ...operation.write })
    const rule = { GroupId: operation.call.group, IpPermissions: [permission(operation, description)] }
    if (description == null)
      await account.call(
        'ec2:RevokeSecurityGroupIngress',
        (ec2, o) => ec2.send(new RevokeSecurityGroupIngressCommand(rule), o),
        signal,
      )
    else
      await account.call(
        'ec2:AuthorizeSecurityGroupIngress',
        (ec2, o) => ec2.send(new AuthorizeSecurityGroupIngressCommand(rule), o),
        signal,
      )
  },
  /** What EC2 took, it may not show for a moment. */
  async waitsFor(account, operation, signal) {
    const { now } = await ingress.look(account, operation, signal)
    const isThere = Object.entries(operation.after).every(([name, value]) => now[name] === value)
    return isThere ? undefined : 'EC2 does not show it yet'
  },
}

/** For exactly this port: a wider rule is another one. */
const isFor = ({ IpProtocol, FromPort, ToPort }: IpPermission, port: number): boolean =>
  IpProtocol === 'tcp' && FromPort === port && ToPort === port

const sourcesOf = (rule: IpPermission): { source: string | undefined; description: string }[] => [
  ...(rule.IpRanges ?? []).map(one => ({ source: one.CidrIp, description: one.Description ?? '' })),
  ...(rule.Ipv6Ranges ?? []).map(one => ({ source: one.CidrIpv6, description: one.Description ?? '' })),
  ...(rule.UserIdGroupPairs ?? []).map(one => ({ source: one.GroupId, description: one.Description ?? '' })),
]

function permission({ call }: Of<'ingress'>, description: string | null | undefined): IpPermission {
  const { port, source } = call
  const said = description == null ? {} : { Description: description }
  const from = { IpProtocol: 'tcp', FromPort: port, ToPort: port }
  const address = source.slice(0, source.indexOf('/'))
  if (!isAddress(address)) return { ...from, UserIdGroupPairs: [{ GroupId: source, ...said }] }
  return address.includes(':')
    ? { ...from, Ipv6Ranges: [{ CidrIpv6: source, ...said }] }
    : { ...from, IpRanges: [{ CidrIp: source, ...said }] }
}
