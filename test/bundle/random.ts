// Random evidence, the same for the same seed: everything that is optional is there or not, texts are nasty.
import {
  type Evidence,
  type EvidenceEvent,
  FAILURES,
  type FailureCount,
  type IdleGroup,
  PHASES,
  type ProbeResult,
  SESSION_STATES,
  type SessionSample,
  SIGNALS,
  type StatementDelta,
  type Target,
  type Tick,
  WAIT_CLASSES,
} from '../../src/model/index.ts'

/** Evidence of up to thirty ticks. */
export function randomEvidence(seed: number): Evidence {
  const dice = throwDice(seed)
  const { upTo, pick, some, list, random } = dice
  const tickMs = pick([100, 1000, 60_000])
  const from = Date.UTC(2026, 0, 1) + upTo(1e9)
  const ticks = upTo(30) + 1
  const to = from + ticks * tickMs
  const times = (n: number) => list(n, () => from + upTo(ticks * tickMs - 1)).sort((a, b) => a - b)
  const limits = {
    maxConnections: upTo(5000),
    reserved: { superuser: 3, rds: upTo(5) },
    ...some({ roleLimits: { web: upTo(9), 'database:orders': 7 } }),
  }
  return {
    target: target(dice),
    from,
    to,
    tickMs,
    ...some({ limits, window: { from: from + 1, to: to - 1 } }),
    // Late by less than a tick, as those of a live collector are.
    ticks:
      random() < 0.1
        ? []
        : Array.from({ length: ticks }, (_, at) => tick(dice, from + at * tickMs + upTo(tickMs / 10))),
    probes: times(20).map(t => probe(dice, t)),
    failures: times(9).map(t => failure(dice, t)),
    statements: times(9).map(t => statement(dice, t)),
    events: times(9).map(t => event(dice, t)),
  }
}

type Dice = ReturnType<typeof throwDice>

function throwDice(seed: number) {
  const random = randomNumbers(seed)
  const upTo = (n: number) => Math.floor(random() * (n + 1))
  const pick = <T>(from: readonly T[]): T => from[upTo(from.length - 1)] as T
  /** The fields, each kept or left out. */
  const some = <T extends object>(fields: T): Partial<T> =>
    Object.fromEntries(Object.entries(fields).filter(() => random() < 0.6)) as Partial<T>
  const list = <T>(n: number, make: () => T): T[] => Array.from({ length: upTo(n) }, make)
  const number = () =>
    pick([0, 1, upTo(1e9), random(), random() * 1e-7, random() * 1e15, -random(), 2 ** 53 - 1])
  const word = () => pick(['', 'web', 'é\n"\u0000,\\', '\u2028', '💧 name', "o'hara; --", ' padded ', 'null'])
  const who = () => some({ user: word(), application: word(), host: word(), database: word() })
  const native = () => ({ code: word(), message: word() })
  return { random, upTo, pick, some, list, number, word, who, native }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const target = ({ word, pick, some }: Dice): Target => ({
  name: word(),
  engine: pick(['postgres', 'mysql', 'mariadb'] as const),
  ...some({
    engineVersion: '18.1',
    user: word(),
    database: word(),
    instanceClass: word(),
    vcpus: 4,
    memoryBytes: 2 ** 34,
  }),
})

const tick = (dice: Dice, t: number): Tick => ({
  t,
  signals: Object.fromEntries(dice.list(6, () => [dice.pick(SIGNALS), dice.number()])),
  ...dice.some({ sessions: dice.list(4, () => session(dice)), idle: dice.list(3, () => idleGroup(dice)) }),
})

const session = ({ word, pick, some, list, number, who }: Dice): SessionSample => ({
  id: word(),
  state: pick(SESSION_STATES),
  ...who(),
  ...some({
    waitClass: pick(WAIT_CLASSES),
    waitEvent: word(),
    statementId: word(),
    statement: word(),
    transactionAgeMs: number(),
    stateAgeMs: number(),
    startedAt: '2026-01-01T00:00:00.123456+00',
    blockedBy: list(3, word),
    lock: {
      kind: pick(['row', 'relation', 'advisory', 'metadata', 'other'] as const),
      ...some({ object: word(), exclusive: pick([true, false]) }),
    },
  }),
})

const idleGroup = ({ upTo, some, number, who }: Dice): IdleGroup => ({
  ...who(),
  count: upTo(500),
  oldestStateAgeMs: number(),
  ...some({ unusedCount: upTo(9) }),
})

const probe = ({ random, word, pick, some, number, native }: Dice, t: number): ProbeResult => ({
  t,
  ok: random() < 0.5,
  ...some({ from: word(), phase: pick(PHASES), failure: pick(FAILURES), native: native() }),
  phaseMs: some({
    resolve: number(),
    connect: number(),
    tls: number(),
    authenticate: number(),
    query: number(),
  }),
})

const failure = ({ pick, some, upTo, who, native }: Dice, t: number): FailureCount => ({
  t,
  source: pick(['log', 'counter', 'pooler', 'proxy', 'application'] as const),
  failure: pick(FAILURES),
  ...who(),
  ...some({ native: native() }),
  count: upTo(99),
})

const statement = ({ word, some, upTo, number }: Dice, t: number): StatementDelta => ({
  t,
  statementId: '-9223372036854775808',
  calls: upTo(99),
  totalMs: number(),
  ...some({ statement: word(), rows: number(), blocksRead: number() }),
})

const event = ({ word }: Dice, t: number): EvidenceEvent => ({
  t,
  source: word(),
  kind: word(),
  message: word(),
})
