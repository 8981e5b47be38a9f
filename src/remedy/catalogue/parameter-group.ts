// Parameters that do not hold: a group that waits for a restart, or one that the instance cannot start with.
import { predict } from '../predict.ts'
import type { StandingRemedy } from '../remedy.ts'

export const parameterGroup: StandingRemedy = {
  code: 'parameter-group',
  answers: 'evidence',
  risk: 'medium',
  outage: 'restart',
  permissions: {
    iam: [
      'rds:DescribeDBParameters',
      'rds:ResetDBParameterGroup',
      'rds:ModifyDBParameterGroup',
      'rds:RebootDBInstance',
    ],
    grants: [],
  },
  verify: 'the group is in-sync, the instance available, and the engine says the values',
  weigh(s) {
    const { instance } = s.evidence.target
    if (!instance) return undefined
    const group = instance.parameterGroup ?? '…'
    const said = (pattern: RegExp) =>
      s.evidence.events.findLast(({ source, message }) => source === 'rds' && pattern.test(message))
    const broken = said(/incompatible-parameters/)
    const waiting = said(/wait for a restart/)
    if (broken)
      return {
        horizon: 'now',
        title: `reset what does not fit in ${group}`,
        effect: { ...predict(s, {}, broken.message), connectsRecover: true },
        cost: 'the values reset are the defaults again; a restart',
        reversible: true,
        // Which parameter it is, only the server log tells: a person looks.
        steps: [],
        commands: [
          `aws rds reset-db-parameter-group --db-parameter-group-name ${group} --parameters ParameterName=max_connections,ApplyMethod=pending-reboot`,
          `aws rds reboot-db-instance --db-instance-identifier ${instance.id}`,
        ],
      }
    if (!waiting) return undefined
    return {
      horizon: 'for-good',
      title: `restart ${instance.id}, so that ${group} holds`,
      effect: predict(s, {}, waiting.message),
      cost: 'every session ends; RDS never does it by itself, not in the maintenance window either',
      reversible: false,
      steps: [
        {
          actuator: 'rds',
          what: { kind: 'restart' },
          before: null,
          after: 'in-sync',
          reversible: false,
          outage: 'restart',
          verify: ['api', 'engine', 'health-gate'],
        },
      ],
      commands: [`aws rds reboot-db-instance --db-instance-identifier ${instance.id}`],
    }
  },
}
