import { expect, test } from 'vitest'
import { evidence, refusedProbe, session, T0, type TickSpec, times, waiter } from '../../test/kit/evidence.ts'
import {
  type Action,
  type ActionResult,
  type Advice,
  AppError,
  type JournalEntry,
  type Run,
} from '../model/index.ts'
import { type ApplyParts, act, conclude, verify } from './apply.ts'

const ACTION: Action = {
  kind: 'end-session',
  session: { id: '7', state: 'idle in transaction', startedAt: '2026-01-01T11:00:00.000Z' },
}
const ADVICE: Advice = {
  remedy: 'end-session',
  horizon: 'now',
  title: 'end session 7',
  effect: {
    aas: { before: 20, after: 1 },
    slots: { before: 37, after: 12 },
    sessionsFreed: 20,
    slotsFreed: 25,
    connectsRecover: true,
    summary: '',
  },
  cost: 'its transaction is rolled back',
  reversible: false,
  action: ACTION,
  commands: [],
}
const DONE: ActionResult = { done: true, status: 'done', message: 'ended' }

/** What happens, in its order; the clock moves on by a second with every look at it. */
function recording(answer: () => Promise<ActionResult> = async () => DONE, onDisk = async () => {}) {
  const happened: (JournalEntry | { acted: Action })[] = []
  let seconds = 0
  const parts: ApplyParts = {
    run: 'run-1',
    clock: { now: () => T0 + 1000 * seconds++, sleep: async () => {} },
    journal: {
      append: async entry => {
        await onDisk()
        happened.push(entry)
      },
    },
    connection: {
      act: action => {
        happened.push({ acted: action })
        return answer()
      },
    },
  }
  return { happened, parts, order: () => happened.map(entry => ('event' in entry ? entry.event : 'act')) }
}

test('the intention is on record before anything is done', async () => {
  // The disk takes several turns of the loop: whoever does not wait for it acts first.
  const slow = recording(undefined, () => new Promise(resolve => setImmediate(() => setImmediate(resolve))))
  await act(ADVICE, slow.parts)
  expect(slow.order()).toEqual(['intend', 'act', 'acted'])
  expect(slow.happened[0]).toMatchObject({
    run: 'run-1',
    t: T0 + 1000,
    detail: { remedy: 'end-session', action: ACTION, predicted: ADVICE.effect },
  })
  expect(slow.happened[1]).toEqual({ acted: ACTION })
  expect(slow.happened[2]).toMatchObject({ detail: DONE })
})

test('a run tells when it began, when it had acted, and what cannot be taken back', async () => {
  const run = await act(ADVICE, recording().parts)
  expect(run).toMatchObject({ id: 'run-1', advice: ADVICE, result: DONE, verified: false, comparison: [] })
  expect(run.irreversible).toBe(ADVICE.cost)
  expect(run.actedAt!).toBeGreaterThan(run.startedAt)
  expect(await act({ ...ADVICE, reversible: true }, recording().parts)).not.toHaveProperty('irreversible')
})

test.each(['gone', 'refused'] as const)('%s is a result, not an error', async status => {
  const { parts, order } = recording(async () => ({ done: false, status, message: '' }))
  expect((await act(ADVICE, parts)).result?.status).toBe(status)
  expect(order()).toEqual(['intend', 'act', 'acted'])
})

test('an error of the connection is journaled and thrown as it is', async () => {
  const lost = new AppError('connection-lost', 'gone', '')
  const { parts, order, happened } = recording(() => Promise.reject(lost))
  await expect(act(ADVICE, parts)).rejects.toBe(lost)
  expect(order()).toEqual(['intend', 'act', 'failed'])
  expect(happened[2]).toMatchObject({ run: 'run-1', detail: { message: 'gone' } })
})

test('without a journal nothing is done', async () => {
  const full = new Error('no space left')
  const { parts, happened } = recording(undefined, () => Promise.reject(full))
  await expect(act(ADVICE, parts)).rejects.toBe(full)
  expect(happened).toEqual([])
})

test('what was done is never journaled as failed', async () => {
  let entries = 0
  const full = new Error('no space left')
  const { parts, order } = recording(undefined, async () => {
    if (++entries === 2) throw full
  })
  await expect(act(ADVICE, parts)).rejects.toBe(full)
  expect(order()).toEqual(['intend', 'act'])
})

test('advice without an action is the operator’s to carry out', async () => {
  const { action: _, ...byHand } = ADVICE
  const { parts, happened } = recording()
  const error = await act(byHand, parts).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(AppError)
  expect(error).toMatchObject({ code: 'option-invalid', exit: 64 })
  expect(happened).toEqual([])
})

const jammed: TickSpec = { sessions: times(20, i => waiter(`w${i}`, ['7'])), probe: refusedProbe }
const well: TickSpec = { sessions: [session('1')] }
const after = (ticks: TickSpec[]) => {
  const all = [jammed, jammed, ...ticks]
  return evidence(all.length, second => all[second]!)
}

test('a run is verified by what is measured after it, and no longer after a relapse', async () => {
  const run = { ...(await act(ADVICE, recording().parts)), startedAt: T0 + 2000, actedAt: T0 + 2000 }
  expect(verify(run, after([jammed, well]))).toMatchObject({ verified: false })
  const recovered = verify(run, after([jammed, well, well, well]))
  expect(recovered).toMatchObject({ verified: true, recoveredAt: T0 + 3000 })
  expect(recovered.comparison.find(({ measure }) => measure === 'aas')).toMatchObject({
    before: 20,
    measured: 1,
  })
  const relapsed = verify(recovered, after([jammed, well, well, well, jammed]))
  expect(relapsed.verified).toBe(false)
  expect(relapsed).not.toHaveProperty('recoveredAt')
})

test('what was not done is not what made it well', async () => {
  const { parts } = recording(async () => ({ done: false, status: 'refused', message: '' }))
  const run = { ...(await act(ADVICE, parts)), startedAt: T0 + 2000, actedAt: T0 + 2000 }
  expect(verify(run, after([well, well, well, well])).verified).toBe(false)
})

test('a run that never acted is left as it is', () => {
  const run: Run = {
    schema: 'spillway/run/v1',
    id: 'run-1',
    advice: ADVICE,
    startedAt: T0,
    verified: false,
    comparison: [],
  }
  expect(verify(run, after([well, well, well]))).toEqual(run)
})

test.each([
  [true, 'verified'],
  [false, 'not-verified'],
] as const)('the journal closes with the verdict: %s is %s', async (verified, event) => {
  const { parts, happened } = recording()
  const run = { ...(await act(ADVICE, parts)), verified }
  await conclude(run, parts)
  expect(happened.at(-1)).toMatchObject({ event, run: 'run-1', detail: { comparison: [] } })
})
