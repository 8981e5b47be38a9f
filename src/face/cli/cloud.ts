// Options that go with an rds: target, and the evidence it gives.
import type { App } from '../../app.ts'
import { AppError } from '../../model/index.ts'
import type { Context } from './context.ts'
import { tellNotes } from './hearing.ts'
import { pointInTime } from './time.ts'

export interface CloudFlags {
  live?: boolean
  since?: string
  until?: string
  period?: string
  region?: string
  profile?: string
  roleArn?: string
  client?: string
}

export type Gathered = Awaited<ReturnType<App['gather']>>

const PERIODS = { '1s': 1, '1m': 60, '5m': 300, '1h': 3_600 } as const

/** Throws AppError. */
export async function gatherCloud(
  context: Context,
  target: string,
  flags: CloudFlags,
  asked: { since?: number; until?: number; periodS?: 1; leadMs?: number } = {},
): Promise<Gathered> {
  const app = await context.app()
  const { since, until, period, region, profile, roleArn, client } = flags
  const gathered = await app.gather(
    target,
    {
      ...(since === undefined ? {} : { since: pointInTime(since) }),
      ...(until === undefined ? {} : { until: pointInTime(until) }),
      ...(period === undefined ? {} : { periodS: periodOf(period) }),
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      ...(roleArn === undefined ? {} : { roleArn }),
      ...(client === undefined ? {} : { client }),
      ...asked,
    },
    context.signal,
  )
  tellNotes(context, gathered.notes)
  return gathered
}

function periodOf(text: string): (typeof PERIODS)[keyof typeof PERIODS] {
  if (Object.hasOwn(PERIODS, text)) return PERIODS[text as keyof typeof PERIODS]
  throw new AppError(
    'option-invalid',
    `--period: ${JSON.stringify(text)} is not known`,
    'Give 1s, 1m, 5m or 1h.',
  )
}
