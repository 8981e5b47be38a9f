// Opens the port to a client that a security group keeps out.
import { predict } from '../predict.ts'
import type { StandingRemedy } from '../remedy.ts'

export const securityGroupRule: StandingRemedy = {
  code: 'security-group-rule',
  answers: 'evidence',
  risk: 'low',
  outage: 'none',
  permissions: {
    iam: [
      'ec2:DescribeSecurityGroups',
      'ec2:AuthorizeSecurityGroupIngress',
      'ec2:RevokeSecurityGroupIngress',
    ],
    grants: [],
  },
  verify: 'a connection attempt from that client gets an answer',
  weigh(s) {
    const shut = s.evidence.events.findLast(
      ({ source, kind }) => source === 'network' && kind === 'shut-security-group',
    )
    if (!shut) return undefined
    const group = /\bsg-[0-9a-f]+/.exec(shut.message)?.[0]
    const port = Number(/TCP (\d+)/.exec(shut.message)?.[1])
    const client = /\b(\d+\.\d+\.\d+\.\d+)\b/.exec(shut.message)?.[1]
    const clientGroup = / from (sg-[0-9a-f]+)/.exec(shut.message)?.[1]
    const title = 'a rule in the security group'
    if (!group || !Number.isInteger(port))
      return { title, reason: `${shut.message}; which group and port, is not known` }
    const after = client === undefined ? (clientGroup ?? null) : `${client}/32`
    return {
      horizon: 'now',
      title: `${title} ${group} for TCP ${port}${after ? ` from ${after}` : ''}`,
      effect: { ...predict(s, { liftsLimit: true }, shut.message), connectsRecover: true },
      cost: 'opens the port: better to the client’s own security group than to an address',
      reversible: true,
      steps:
        after === null
          ? []
          : [
              {
                actuator: 'rds',
                what: { kind: 'security-group-rule', port, group },
                before: null,
                after,
                reversible: true,
                outage: 'none',
                verify: ['api', 'health-gate'],
              },
            ],
      commands: [
        `aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port ${port} ${clientGroup === undefined ? '--cidr' : '--source-group'} ${after ?? '…'}`,
      ],
    }
  },
}
