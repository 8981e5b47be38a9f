// How near the load comes to the truth in a minute: by one sample a second and the server's clock, and by one in ten seconds.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { reconcile } from '../dist/load/index.js'
import { stateOf } from './fidelity.truth.mjs'
import { backend, startPostgres, watcherOf } from './kit/postgres.mjs'

export const name = 'Fidelity of average active sessions over 60 s'

const SECONDS = Number(process.env.FIDELITY_SECONDS ?? 90)
const WINDOW_S = 60
/** Windows begin so many seconds apart. */
const STEP_S = 10
/** Oversampled, so that a second has so many series of one sample a second, each as good as another. */
const PER_SECOND = 4
const RARE_S = 10
const MAX_BIAS_PCT = 5
const MAX_RATIO = 1 / 3

const PICK = '\\set i random(1,10000)\n'
const asleep = (seconds, think) =>
  `${PICK}select n, pg_sleep(${seconds}) from t where id = :i;\n\\sleep ${think}\n`
const VARIED = '\\set z random(1,600)\n'
const WORKLOADS = {
  'point selects, 0.02 ms': { clients: 4, scripts: [`${PICK}select n from t where id = :i;\n`] },
  'point selects, 0.02 ms, prepared': {
    clients: 4,
    protocol: 'prepared',
    scripts: [`${PICK}select n from t where id = :i;\n`],
  },
  'sums, 0.5 ms': { clients: 4, scripts: [`${PICK}select sum(n) from t where id > :i - 4000;\n`] },
  '20 ms': { clients: 8, scripts: [asleep('0.02', '20 ms')] },
  '300 ms': { clients: 8, scripts: [`${VARIED}${asleep(':z/1000.0', ':z ms')}`] },
  'mix of 0.02 ms to 3 s': {
    clients: 10,
    scripts: [
      `${PICK}select n from t where id = :i;\n@200`,
      `${asleep('0.02', '20 ms')}@20`,
      `${VARIED}${asleep(':z/1000.0', ':z ms')}@4`,
      `${asleep('3', '100 ms')}@1`,
    ],
  },
}

export async function run(print) {
  if (!canSeeMemory()) {
    print(
      'left out: it takes Linux, taskset, pgbench, two processors, and the rights to read the memory of the server',
    )
    return []
  }
  print(
    'truth: the states in shared memory, read without rest from a processor that the workload does not use',
  )
  const rows = []
  for (const [about, workload] of Object.entries(WORKLOADS)) {
    const { series, truth, client } = await measure(workload)
    const found = errors(series, truth)
    print(
      `${about.padEnd(34)} AAS ${found.aas.toFixed(2)} (by pgbench's latencies ${client.toFixed(2)}), ` +
        `samples ${signed(found.sampledBias)} %, clock ${signed(found.clockBias)} %, reconciled ${signed(found.bias)} % (${found.sources}); ` +
        `RMS: one in ${RARE_S} s ${found.rare.toFixed(1)} %, 1 Hz ${found.sampled.toFixed(1)} %, reconciled ${found.reconciled.toFixed(1)} %`,
    )
    const detail = { ...found, client, seconds: SECONDS, windowSeconds: WINDOW_S }
    rows.push(
      {
        claim: `bias after reconciling, ${about}`,
        asked: `within ${MAX_BIAS_PCT} %`,
        measured: signed(found.bias),
        unit: '%',
        ok: Math.abs(found.bias) <= MAX_BIAS_PCT,
        detail,
      },
      {
        claim: `RMS error at 1 Hz ÷ one sample in ${RARE_S} s, ${about}`,
        asked: '≤ 1/3',
        measured: (found.reconciled / found.rare).toFixed(2),
        ok: found.reconciled <= MAX_RATIO * found.rare,
      },
    )
  }
  return rows
}

const signed = value => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`

const canSeeMemory = () => {
  try {
    for (const program of ['taskset', 'pgbench']) execFileSync(program, ['--version'], { stdio: 'ignore' })
    return process.platform === 'linux' && process.getuid() === 0 && availableParallelism() > 1
  } catch {
    return false
  }
}

/** One workload on all processors but the last, which is for the truth. */
async function measure({ clients, protocol = 'simple', scripts }) {
  const server = await startPostgres({ settings: { max_connections: 40, jit: 'off' } })
  const folder = mkdtempSync(join(tmpdir(), 'spillway-fidelity-'))
  try {
    const url = server.superuserUrl()
    const admin = await backend(url, 'admin')
    await admin.client.query(
      'create table t (id int primary key, n int); insert into t select i, i from generate_series(1, 10000) i',
    )
    await admin.client.query('vacuum analyze t')
    const running = await runningState(url)
    const files = scripts.map((text, i) => {
      const [script, weight = '1'] = text.split('@')
      const file = join(folder, `${i}.sql`)
      writeFileSync(file, script)
      return ['-f', `${file}@${weight}`]
    })
    const last = availableParallelism() - 1
    const cores = last === 1 ? '0' : `0-${last - 1}`
    const args = [
      '-n',
      ...files.flat(),
      '-c',
      clients,
      '-j',
      Math.min(clients, 4),
      '-M',
      protocol,
      '-T',
      SECONDS + 12,
    ]
    const load = spawn('taskset', ['-c', cores, 'pgbench', ...args.map(String), url], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    load.stdout.on('data', text => {
      said += text
    })
    const ended = once(load, 'exit')
    const { connection } = await watcherOf(url)
    await sleep(5_000)
    const pids = await workers(admin, clients)
    for (const pid of pids) execFileSync('taskset', ['-cp', cores, String(pid)])
    const truth = watchTruth(last, running, pids)
    const series = await sampleFor(connection)
    const bins = await truth
    await connection.close()
    await ended
    await admin.client.end()
    return { series, truth: bins, client: latencies(said, clients) }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What this version of the server has for 'active'. */
async function runningState(url) {
  const other = await backend(url, 'admin')
  const state = stateOf(other.pid)
  const [idle, busy] = [state(), other.client.query('select pg_sleep(0.5)')]
  while (state() === idle);
  const running = state()
  await busy
  await other.client.end()
  return running
}

const workers = async ({ client }, clients) => {
  const { rows } = await client.query("select pid from pg_stat_activity where application_name = 'pgbench'")
  if (rows.length !== clients) throw new Error(`${rows.length} of ${clients} clients of pgbench are there`)
  return rows.map(({ pid }) => pid)
}

const watchTruth = async (core, running, pids) => {
  const script = fileURLToPath(new URL('fidelity.truth.mjs', import.meta.url))
  const args = ['-c', core, process.execPath, script, SECONDS, 1000 / PER_SECOND, running, ...pids]
  const { stdout } = await promisify(execFile)('taskset', args.map(String), { maxBuffer: 1 << 24 })
  return JSON.parse(stdout)
}

/** Ticks of Spillway's own, PER_SECOND a second, at times that are not in step with anything. */
async function sampleFor(connection) {
  const series = []
  const start = performance.now()
  for (let i = 0; i < SECONDS * PER_SECOND; i++) {
    const due = start + (1000 / PER_SECOND) * (i + 0.2 * Math.random())
    await sleep(Math.max(0, due - performance.now()))
    const { sessions, signals } = await connection.sample()
    series.push({
      t: Math.round((1000 / PER_SECOND) * i),
      sessions: sessions.filter(isWorker),
      exact: signals.aas_exact,
    })
  }
  return series
}

const isWorker = ({ application }) => application === 'pgbench'

/** By Little's law: transactions a second × their mean latency, less the time that the script slept. Above the truth by the way. */
const latencies = (said, clients) =>
  Math.min(clients, tps(said) * (Number(/latency average = ([\d.]+)/.exec(said)?.[1]) / 1000))
const tps = said => Number(/tps = ([\d.]+)/.exec(said)?.[1])

/** Errors of the estimates over all windows and phases, percent of the truth. */
function errors(series, truth) {
  const all = { sampled: [], clock: [], reconciled: [], rare: [], truths: [] }
  const sources = new Set()
  for (let from = 0; from + WINDOW_S <= SECONDS; from += STEP_S) {
    const [first, after] = [from * PER_SECOND, (from + WINDOW_S) * PER_SECOND]
    const real = mean(truth.slice(first, after).filter(value => value !== null))
    all.truths.push(real)
    const off = value => (100 * (value - real)) / real
    for (let phase = 0; phase < PER_SECOND; phase++) {
      const ticks = secondsOf(series.slice(first, after), phase)
      const { aas, exact } = reconcile(ticks)
      sources.add(exact.source)
      all.sampled.push(off(exact.sampled))
      all.clock.push(off(exact.aas))
      all.reconciled.push(off(aas))
    }
    const every = RARE_S * PER_SECOND
    for (let phase = 0; phase < every; phase++) {
      const few = series.slice(first, after).filter((_, i) => i % every === phase)
      all.rare.push(off(mean(few.map(({ sessions }) => active(sessions)))))
    }
  }
  return {
    aas: mean(all.truths),
    bias: mean(all.reconciled),
    sampledBias: mean(all.sampled),
    clockBias: mean(all.clock),
    sources: [...sources].join(', '),
    rare: rms(all.rare),
    sampled: rms(all.sampled),
    reconciled: rms(all.reconciled),
  }
}

/** Ticks of a second: one sample of each, and the clock that was read within it. */
const secondsOf = (series, phase) =>
  Array.from({ length: Math.floor(series.length / PER_SECOND) }, (_, second) => {
    const within = series.slice(second * PER_SECOND, (second + 1) * PER_SECOND)
    const exact = within.find(sample => sample.exact !== undefined)?.exact
    const { sessions } = within[phase]
    return { t: second * 1000, sessions, signals: exact === undefined ? {} : { aas_exact: exact } }
  })

const active = sessions => sessions.filter(({ state }) => state === 'active').length
const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length
const rms = values => Math.sqrt(mean(values.map(value => value ** 2)))
