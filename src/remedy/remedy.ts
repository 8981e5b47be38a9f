// What a remedy is: it weighs itself against a situation and is advised, or not, with the reason.
import type { Advice, Cause, NotAdvised, Outage, RemedyCode, Risk } from '../model/index.ts'
import type { Scene, Situation } from './situation.ts'

/** What holds of a remedy wherever it is advised. */
interface Declared {
  code: RemedyCode
  risk: Risk
  outage: Outage
  /** Actions of IAM and grants in the database that carrying it out takes. */
  permissions: { iam: string[]; grants: string[] }
  /** How it shows that it helped. */
  verify: string
}

export interface Remedy extends Declared {
  /** Weighed for findings of these causes, and for those that name it. */
  answers: readonly Cause[]
  /** Undefined when the question does not arise. */
  weigh(s: Situation): Weighed | undefined
}

/** Weighed once, whatever was found. */
export interface StandingRemedy extends Declared {
  answers: 'evidence'
  weigh(s: Scene): Weighed | undefined
}

type Advised = Omit<Advice, 'remedy' | 'permissions' | 'verify'>

export type Weighed = Advised | (Omit<NotAdvised, 'remedy'> & { reason: string })

export const isAdvised = (weighed: Weighed): weighed is Advised => !('reason' in weighed)

/** What nobody needs to be granted: it is done outside of the database. */
export const NO_PERMISSIONS = { iam: [], grants: [] }

/** To change parameters of a group on RDS, or settings of a server elsewhere. */
export const TO_SET = {
  iam: [
    'rds:DescribeDBParameters',
    'rds:CreateDBParameterGroup',
    'rds:ModifyDBParameterGroup',
    'rds:ModifyDBInstance',
  ],
  grants: ['alter role, alter system (PostgreSQL)', 'SYSTEM_VARIABLES_ADMIN (MySQL), SUPER (MariaDB)'],
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`

export const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`
