// What is broken lies outside of what a database can be told: names it for the people whose it is, and what would come back.
import type { Cause, Subject } from '../../model/index.ts'
import { predict } from '../predict.ts'
import { NO_PERMISSIONS, type Remedy } from '../remedy.ts'
import { beyondPeace, type Situation } from '../situation.ts'

interface Outside {
  title: string
  cost: string
  commands: string[]
}

/** Undefined: another remedy answers it better. */
const OUTSIDE: Partial<Record<Cause, (subject: Subject, s: Situation) => Outside | undefined>> = {
  'network-unreachable': () => ({
    title: 'mend the way to the server: nobody answers at its address',
    cost: 'none on the server',
    commands: [
      'nc -vz HOST PORT',
      '(from a client, then from beside the server: name, load balancer, firewall)',
    ],
  }),
  'network-degraded': () => ({
    title: 'mend the way to the server: packets come late, or not at all',
    cost: 'none on the server',
    commands: [
      'mtr -rwc 50 HOST',
      'ss -ti dst HOST',
      '(what lies between that came or changed at that time)',
    ],
  }),
  'auth-failure': ({ user }, { evidence }) => ({
    title: `give ${user ?? 'the clients'} the right login`,
    cost: 'whoever changed the login had a reason: ask before it is taken back',
    // No command with the name in it: whoever reaches the port chooses that name.
    commands: [
      evidence.target.engine === 'postgres'
        ? '(may the role log in: \\du; its password with all who use it; pg_hba.conf)'
        : '(is the account locked, from which host may it come; its password with all who use it)',
    ],
  }),
  'tls-failure': ({ user }) => ({
    title: `let ${user ?? 'the clients'} come with TLS as the server wants it`,
    cost: 'taking the demand back instead leaves passwords readable on the way',
    commands: ['(in each client: sslmode=require, or verify-full with the right certificate)'],
  }),
  'storage-full': (_, { evidence: { target } }) =>
    target.instance
      ? undefined
      : {
          title: 'make room on the volume',
          cost: 'what is deleted is gone; files of the database itself are never to be deleted by hand',
          commands: [
            'df -h',
            'du -xh --max-depth=2 / | sort -h | tail',
            '(logs, dumps, old replication slots)',
          ],
        },
  'cpu-starvation': (_, { evidence: { target } }) =>
    target.instance
      ? undefined
      : {
          title: 'give the CPU of its host back to the database',
          cost: 'somebody else’s work is moved or stopped',
          commands: [
            'ps -eo pid,pcpu,ni,comm --sort=-pcpu | head',
            '(move it, or renice it behind the database)',
          ],
        },
  'commit-stall': (_, { finding: { kind } }) =>
    kind === 'standby'
      ? {
          title: 'bring the standby back that every commit waits for, or take it out of the list',
          cost: 'without it a commit is on this server only',
          commands: ["alter system set synchronous_standby_names = ''", 'select pg_reload_conf()'],
        }
      : undefined,
}

export const mendOutside: Remedy = {
  code: 'mend-outside',
  answers: Object.keys(OUTSIDE) as Cause[],
  risk: 'low',
  outage: 'none',
  permissions: NO_PERMISSIONS,
  verify: 'attempts succeed, and load and slots are as they were before',
  weigh(s) {
    const { cause, subject = {} } = s.finding
    const incident = s.diagnosis.incident
    const outside = incident?.ongoing ? OUTSIDE[cause]?.(subject, s) : undefined
    if (!outside) return undefined
    const knowsPeace = s.before.length > 0
    const given = beyondPeace(s)
    const effect = predict(
      s,
      {
        ...(knowsPeace ? { relieves: () => () => true, restores: true } : {}),
        slots: { certain: 0, likely: given },
        endsGrowth: true,
        liftsLimit: true,
      },
      'the database itself is well: load, slots and attempts are as before when this is mended',
    )
    const { failures } = effect
    return {
      horizon: 'now',
      ...outside,
      effect: {
        ...effect,
        connectsRecover: true,
        ...(failures ? { failures: { ...failures, after: 0, low: 0 } } : {}),
      },
      reversible: true,
      steps: [],
    }
  },
}
