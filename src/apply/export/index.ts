// A plan as a file of the tool that owns the instance: what is changed behind the code's back, the code would undo.
import type { Operation } from '../../model/index.ts'
import { awsCli } from './aws-cli.ts'
import { cloudFormation } from './cloudformation.ts'
import { type Head, merged } from './merged.ts'
import { terraform } from './terraform.ts'

export type Format = 'aws-cli' | 'terraform' | 'cloudformation'

/** Only what changes. Pure. */
export function exportPlan(operations: readonly Operation[], format: Format, head: Head): string {
  if (format === 'aws-cli') return awsCli(operations, head)
  return format === 'terraform'
    ? terraform(merged(operations), head)
    : cloudFormation(merged(operations), head)
}
