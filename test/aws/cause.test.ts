// The same incident has the same cause, seen through the APIs of AWS alone: without sessions, in means of a minute.
import { afterAll, expect, test } from 'vitest'
import { gather, rdsTarget } from '../../src/aws/index.ts'
import { diagnose } from '../../src/diagnosis/index.ts'
import { type Evidence, SIGNALS } from '../../src/model/index.ts'
import { fakeAws } from '../kit/aws/fake.ts'
import { instance, moved, world } from '../kit/aws/world.ts'
import { FAULTS, modelled, ordinary } from '../kit/database.ts'

const MINUTE = 60_000
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE
const here = world({
  instances: [instance('orders', { DBInstanceClass: 'db.r6g.xlarge' })],
  parameters: { pg16: { max_connections: '400' } },
})
const fake = await fakeAws(here)
Object.assign(process.env, fake.env)
afterAll(() => fake.close())

/** An hour of an ordinary service, twenty minutes of a fault, ten of an ordinary service again; three samples a minute. */
const incident = (fault: (typeof FAULTS)[string] | undefined): Evidence =>
  moved(modelled(ordinary, fault, [180, 240], { ticks: 270, tickMs: 20_000, signals: SIGNALS, seed: 7 }), NOW)

const through = async (evidence: Evidence): Promise<Evidence> => {
  here.incidents.orders = evidence
  return (await gather(rdsTarget('rds:orders@eu-west-1'), { now: NOW, env: {} })).evidence
}

const said = (evidence: Evidence) => {
  const { outcome, findings } = diagnose(evidence, 0)
  return findings[0]?.cause ?? outcome
}

/** Only clients see it: nothing in the server is slower, and AWS knows no client. */
const UNSEEN = 'network-degraded'

test.each(Object.keys(FAULTS).filter(cause => cause !== UNSEEN))('%s', async cause => {
  const live = incident(FAULTS[cause])
  expect(said(live)).toBe(cause)
  expect(said(await through(live))).toBe(cause)
})

test('nothing, where nothing was wrong', async () => {
  const live = incident(undefined)
  expect(said(live)).toBe('healthy')
  expect(said(await through(live))).toBe('healthy')
})
